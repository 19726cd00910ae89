// Pages about what tells Crowsnest of clusters and images: integrations, registries and their repositories.

import { createRoute, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { imagesQuery } from "@/data/images";
import { integrationQuery, integrationsQuery, regionsQuery } from "@/data/integrations";
import { connectedRegistriesQuery, registryKindsQuery, registryQuery, enablings, repositoriesQuery, type RepositoryFilter } from "@/data/push";
import { nameOf, repositoryQuery, tagsQuery } from "@/data/repository";
import { steps, type Step } from "@/pages/connect/steps";
import { choice, flag, text } from "../search";
import { soon, app } from "./frame";

export const integrations = createRoute({
  getParentRoute: () => app,
  path: "/integrations",
  loader: ({ context }) => soon(context.queryClient.query(integrationsQuery)),
  component: lazyRouteComponent(() => import("@/pages/integrations"), "IntegrationsPage"),
});

// Beside the integrations and not among them, where one called like it would be hidden.
export const connect = createRoute({
  getParentRoute: () => app,
  path: "/connect",
  component: lazyRouteComponent(() => import("@/pages/connect/gallery"), "NewIntegrationPage"),
});

export const sysdigWizard = createRoute({
  getParentRoute: () => app,
  path: "/connect/sysdig",
  validateSearch: (s: Record<string, unknown>): { step?: Step | undefined; name?: string | undefined } => ({
    step: choice(s.step, steps),
    name: text(s.name, 128),
  }),
  loader: ({ context }) =>
    soon(
      context.queryClient.query(integrationsQuery),
      context.queryClient.query(regionsQuery),
    ),
  component: lazyRouteComponent(() => import("@/pages/connect/sysdig"), "SysdigWizardPage"),
});

export const registryForm = createRoute({
  getParentRoute: () => app,
  path: "/connect/registry",
  loader: ({ context }) => soon(context.queryClient.query(registryKindsQuery)),
  component: lazyRouteComponent(() => import("@/pages/connect/registry"), "RegistryFormPage"),
});

export const repositories = createRoute({
  getParentRoute: () => app,
  path: "/repositories",
  validateSearch: (s: Record<string, unknown>): RepositoryFilter => ({
    registry: text(s.registry, 128),
    state: choice(s.state, enablings),
    q: text(s.q),
  }),
  loaderDeps: ({ search: { registry, state, q } }) => ({ registry, state, q }),
  loader: ({ context, deps }) =>
    soon(
      context.queryClient.query(connectedRegistriesQuery),
      context.queryClient.infiniteQuery(repositoriesQuery(deps)),
    ),
  component: lazyRouteComponent(() => import("@/pages/repositories"), "RepositoriesPage"),
});

export const repositoryTabs = ["images", "tags"] as const;
export type RepositoryTab = (typeof repositoryTabs)[number];

/** One repository by its whole name, slashes and all. */
export const repository = createRoute({
  getParentRoute: () => app,
  path: "/repositories/$host/$", // with the host apart, since what is left of the path may be nothing to the router
  validateSearch: (s: Record<string, unknown>): { tab?: RepositoryTab | undefined; past?: true | undefined } => ({ tab: choice(s.tab, repositoryTabs), past: flag(s.past) }),
  loaderDeps: ({ search: { environment, tab, past } }) => ({ environment, tab, past }),
  loader: ({ context, params, deps }) => {
    const name = nameOf(params);
    return soon(
      context.queryClient.query(repositoryQuery(name)),
      deps.tab === "tags"
        ? context.queryClient.infiniteQuery(tagsQuery(name, deps.past))
        : context.queryClient.infiniteQuery(imagesQuery({ repository: name, environment: deps.environment, sort: "newest" })),
    );
  },
  component: lazyRouteComponent(() => import("@/pages/repository"), "RepositoryPage"),
});

/** Where the wizard once was, for who kept its address. */
export const formerWizard = createRoute({
  getParentRoute: () => app,
  path: "/integrations/new/sysdig",
  validateSearch: (s: Record<string, unknown>): { step?: Step | undefined; name?: string | undefined } => ({ step: choice(s.step, steps), name: text(s.name, 128) }),
  beforeLoad: ({ search }) => {
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- how the router takes a redirect
    throw redirect({ to: "/connect/sysdig", search, replace: true });
  },
});

export const integration = createRoute({
  getParentRoute: () => app,
  path: "/integrations/$name",
  beforeLoad: async ({ context, params }) => {
    // Where the choice of what to connect once was, unless it is one's own integration. Without an
    // answer the page says what is wrong.
    if (params.name === "new" && (await context.queryClient.query(integrationsQuery).catch(() => undefined))?.every((i) => i.name !== params.name)) {
      // eslint-disable-next-line @typescript-eslint/only-throw-error -- how the router takes a redirect
      throw redirect({ to: "/connect", replace: true });
    }
  },
  loader: ({ context, params }) => soon(context.queryClient.query(integrationQuery(params.name))),
  component: lazyRouteComponent(() => import("@/pages/integration"), "IntegrationPage"),
});

export const registry = createRoute({
  getParentRoute: () => app,
  path: "/integrations/registries/$name",
  loader: ({ context, params }) =>
    soon(
      context.queryClient.query(registryQuery(params.name)),
      context.queryClient.infiniteQuery(repositoriesQuery({ registry: params.name })),
    ),
  component: lazyRouteComponent(() => import("@/pages/registry"), "RegistryPage"),
});
