// Pages about packages, vulnerabilities, what changed of them and what was decided.

import { createRoute, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { serverNow } from "@/data/clock";
import { exceptionsQuery, exceptionStates, type ExceptionState } from "@/data/decisions";
import { becomings, causes, findingChangesQuery, usualSince, type Cause, type ChangeFilter } from "@/data/news";
import { packageImagesQuery, packageListQuery, packageQuery, packageSorts, type PackageFilter } from "@/data/packages";
import { severities, type Severity } from "@/data/severity";
import { holdersQuery, likelihoods, vulnerabilitiesQuery, vulnerabilityQuery, type Likelihood } from "@/data/vulnerabilities";
import { longestVulnerability } from "@/data/why";
import { choice, choices, flag, text } from "../search";
import { soon, app, pastMoment } from "./frame";

export const packages = createRoute({
  getParentRoute: () => app,
  path: "/packages",
  validateSearch: (s: Record<string, unknown>): Omit<PackageFilter, "environment" | "vulnerable" | "suppressed" | "notSeen" | "inUse"> & { vulnerable?: true | undefined; suppressed?: true | undefined; notSeen?: true | undefined; inUse?: true | undefined } => ({
    q: text(s.q),
    type: text(s.type, 64),
    vulnerable: flag(s.vulnerable),
    suppressed: flag(s.suppressed),
    notSeen: flag(s.notSeen),
    inUse: flag(s.inUse),
    sort: choice(s.sort, packageSorts),
  }),
  loaderDeps: ({ search: { environment, q, type, vulnerable, suppressed, notSeen, inUse, sort = "name" } }) => ({ environment, q, type, vulnerable, suppressed, notSeen, inUse, sort }),
  loader: ({ context, deps }) => soon(context.queryClient.infiniteQuery(packageListQuery(deps))),
  component: lazyRouteComponent(() => import("@/pages/packages"), "PackagesPage"),
});

export const packageOne = createRoute({
  getParentRoute: () => app,
  path: "/packages/$type",
  validateSearch: (s: Record<string, unknown>): { name: string; version?: string | undefined } => ({
    name: text(s.name, 512) ?? "",
    version: text(s.version, 256),
  }),
  beforeLoad: ({ params, search }) => {
    if (search.name === "") {
      // eslint-disable-next-line @typescript-eslint/only-throw-error -- how the router takes a redirect
      throw redirect({ to: "/packages", search: { type: params.type } });
    }
  },
  loaderDeps: ({ search: { environment, name, version } }) => ({ environment, name, version }),
  loader: ({ context, params, deps }) =>
    soon(
      context.queryClient.query(packageQuery(params.type, deps.name)),
      context.queryClient.infiniteQuery(packageImagesQuery(params.type, deps.name, deps.environment, deps.version)),
    ),
  component: lazyRouteComponent(() => import("@/pages/package"), "PackagePage"),
});

export const vulnerabilities = createRoute({
  getParentRoute: () => app,
  path: "/vulnerabilities",
  validateSearch: (
    s: Record<string, unknown>,
  ): {
    severity?: Severity[] | undefined;
    fixable?: true | undefined;
    q?: string | undefined;
    kev?: true | undefined;
    /** A probability, as text. */
    epss?: Likelihood | undefined;
    ignoreMinor?: true | undefined;
    /** Only those in packages seen loaded. */
    used?: true | undefined;
    /** Also what decisions suppress wherever it is. */
    suppressed?: true | undefined;
    /** Also what an environment leaves out as not seen. */
    notSeen?: true | undefined;
    sort?: "urgency" | undefined;
  } => ({
    severity: choices(s.severity, severities),
    fixable: flag(s.fixable),
    q: text(s.q),
    kev: flag(s.kev),
    epss: choice(s.epss, likelihoods),
    ignoreMinor: flag(s.ignoreMinor),
    used: flag(s.used),
    suppressed: flag(s.suppressed),
    notSeen: flag(s.notSeen),
    sort: choice(s.sort, ["urgency"] as const),
  }),
  loaderDeps: ({ search: { environment, severity, q, fixable, kev, epss, ignoreMinor, used, suppressed, notSeen, sort } }) => ({ environment, severity, q, fixable, kev, minEpss: epss === undefined ? undefined : Number(epss), ignoreMinor, inUse: used, suppressed, notSeen, sort }),
  loader: ({ context, deps }) => soon(context.queryClient.infiniteQuery(vulnerabilitiesQuery(deps))),
  component: lazyRouteComponent(() => import("@/pages/vulnerabilities"), "VulnerabilitiesPage"),
});

export const changed = createRoute({
  getParentRoute: () => app,
  path: "/changes",
  validateSearch: (s: Record<string, unknown>): Omit<ChangeFilter, "environment" | "cause" | "severity"> & { cause?: Cause[] | undefined; severity?: Severity[] | undefined } => ({
    since: pastMoment(s.since),
    change: choice(s.change, becomings),
    cause: choices(s.cause, causes),
    severity: choices(s.severity, severities),
  }),
  loaderDeps: ({ search: { environment, since, change, cause, severity } }) => ({ environment, since, change, cause, severity }),
  loader: ({ context, deps }) => soon(context.queryClient.infiniteQuery(findingChangesQuery({ ...deps, since: deps.since ?? usualSince(serverNow()) }))),
  component: lazyRouteComponent(() => import("@/pages/changes"), "ChangesPage"),
});

export const vulnerability = createRoute({
  getParentRoute: () => app,
  path: "/vulnerabilities/$id",
  loaderDeps: ({ search }) => ({ environment: search.environment }),
  loader: ({ context, params, deps }) =>
    soon(
      context.queryClient.query(vulnerabilityQuery(params.id)),
      context.queryClient.infiniteQuery(holdersQuery(params.id, deps.environment)),
    ),
  component: lazyRouteComponent(() => import("@/pages/vulnerability"), "VulnerabilityPage"),
});

export const decisionTabs = ["exceptions", "documents", "settings"] as const;
export type DecisionTab = (typeof decisionTabs)[number];

export const decisions = createRoute({
  getParentRoute: () => app,
  path: "/decisions",
  validateSearch: (
    s: Record<string, unknown>,
  ): {
    tab?: DecisionTab | undefined;
    state?: ExceptionState | undefined;
    q?: string | undefined;
    /** What an exception is begun with. */
    vulnerability?: string | undefined;
    image?: string | undefined;
  } => ({
    tab: choice(s.tab, decisionTabs),
    state: choice(s.state, exceptionStates),
    q: text(s.q),
    vulnerability: text(s.vulnerability, longestVulnerability),
    image: text(s.image, 1024),
  }),
  loaderDeps: ({ search: { tab, state, q } }) => ({ tab, state, q }),
  loader: ({ context, deps: { tab, state, q } }) =>
    tab === undefined || tab === "exceptions" ? soon(context.queryClient.infiniteQuery(exceptionsQuery(state === undefined ? undefined : [state], q))) : undefined,
  component: lazyRouteComponent(() => import("@/pages/decisions"), "DecisionsPage"),
});
