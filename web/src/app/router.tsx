import { basePath } from "@/data/system";
import type { QueryClient } from "@tanstack/react-query";
import { createRoute, createRouter } from "@tanstack/react-router";
import { NotFound, RouteError } from "./fallback";
import { packages, packageOne, vulnerabilities, changed, vulnerability, decisions } from "./routes/findings";
import { root, signIn, link, shared, app } from "./routes/frame";
import { images, image, compare, bases } from "./routes/images";
import { policies, policy, editPolicy, newPolicy } from "./routes/policies";
import { overview, coverage, environments, environment } from "./routes/running";
import { jobs, licences, people, tokens, account, audit, remediation, registries, data, updates, trusts } from "./routes/settings";
import { integrations, connect, sysdigWizard, registryForm, repositories, repository, formerWizard, integration, registry } from "./routes/sources";
import { parseSearch, stringifySearch } from "./search";

/** Every other address: within the frame, so that one can go on from there. */
const elsewhere = createRoute({ getParentRoute: () => app, path: "$", component: NotFound });

const routeTree = root.addChildren([
  signIn,
  link,
  shared,
  app.addChildren([overview, coverage, environments, environment, images, image, compare, bases, packages, packageOne, vulnerabilities, vulnerability, changed, decisions, policies, policy, editPolicy, newPolicy, integrations, connect, sysdigWizard, registryForm, repositories, repository, formerWizard, integration, registry, people, tokens, audit, remediation, registries, data, updates, trusts, account, jobs, licences, elsewhere]),
]);

export function newRouter(queryClient: QueryClient) {
  return createRouter({
    routeTree,
    context: { queryClient },
    basepath: basePath === "" ? "/" : basePath,
    parseSearch,
    stringifySearch,
    pathParamsAllowedCharacters: [":", "@"],
    defaultPreload: "intent",
    defaultPreloadStaleTime: 0, // the query cache knows what is fresh
    defaultNotFoundComponent: NotFound,
    defaultErrorComponent: RouteError,
    scrollRestoration: true,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof newRouter>;
  }
}
