import type { QueryClient } from "@tanstack/react-query";
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
  retainSearchParams,
} from "@tanstack/react-router";
import { accountSessionsQuery } from "@/data/account";
import { analysesQuery, analysisStates, type Analysis } from "@/data/analyses";
import { isDay, type AuditFilter } from "@/data/audit";
import { changes, compareEnvironmentsQuery, compareImagesQuery, isOfImages, repositoryStates, type Change, type RepositoryState, type Sides } from "@/data/compare";
import { coverageQuery, gapsQuery } from "@/data/coverage";
import { countings, environmentOccurrencesQuery, environmentQuery, latestIndexed, runningImagesQuery, type Counting, type OccurrenceFilter } from "@/data/environments";
import { exceptionsQuery, exceptionStates, type ExceptionState } from "@/data/decisions";
import { baseImagesQuery } from "@/data/base-images";
import { exposureQuery, exposuresQuery, exposureStates, spans, type ExposureFilter, type Span } from "@/data/exposure";
import { findingsQuery, imageQuery, imagesQuery, type ImageSort, type InUse } from "@/data/images";
import { integrationQuery, integrationsQuery, regionsQuery } from "@/data/integrations";
import { serverNow } from "@/data/clock";
import { moment } from "@/data/moment";
import { becomings, causes, findingChangesQuery, updatesQuery, usualSince, type Cause, type ChangeFilter } from "@/data/news";
import { overviewQuery } from "@/data/overview";
import { packageImagesQuery, packageListQuery, packageQuery, packageSorts, type PackageFilter } from "@/data/packages";
import { connectedRegistriesQuery, registryKindsQuery, registryQuery, enablings, repositoriesQuery, type RepositoryFilter } from "@/data/push";
import { nameOf, repositoryQuery, tagsQuery } from "@/data/repository";
import { compliances, hasPast, imagePoliciesQuery, policiesQuery, policyChangesQuery, policyImagesQuery, policyQuery, policyTrendQuery, policyTypesQuery, type Compliance } from "@/data/policies";
import { registriesQuery } from "@/data/registries";
import { targetsQuery } from "@/data/remediation";
import { retentionQuery, storageQuery } from "@/data/retention";
import { sessionQuery } from "@/data/session";
import { severities, type Severity } from "@/data/severity";
import { advisoriesQuery, basePath } from "@/data/system";
import { trustsQuery } from "@/data/trusts";
import { holdersQuery, likelihoods, vulnerabilitiesQuery, vulnerabilityQuery, type Likelihood } from "@/data/vulnerabilities";
import { longestVulnerability } from "@/data/why";
import { steps, type Step } from "@/pages/connect/steps";
import { NotFound, RouteError } from "./fallback";
import { choice, choices, flag, parseSearch, stringifySearch, text } from "./search";
import { Shell } from "./shell";

interface Context {
  queryClient: QueryClient;
}

/** How long the page before stays for the data of the next, in milliseconds: what comes sooner shows at once, without an empty page in between. */
const patience = 100;

/** Asks for a page's data; ends when they are there, or will not be soon. The page itself shows what is still missing, and what went wrong. */
async function soon(...data: Promise<unknown>[]): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  await Promise.race([Promise.allSettled(data), new Promise((resolve) => (timer = setTimeout(resolve, patience)))]);
  clearTimeout(timer);
}

const root = createRootRouteWithContext<Context>()({ component: Outlet });

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  validateSearch: (s: Record<string, unknown>): { next?: string | undefined; problem?: string | undefined } => ({
    next: text(s.next, 2048),
    problem: text(s.problem, 32),
  }),
  component: lazyRouteComponent(() => import("@/pages/sign-in"), "SignInPage"),
});

const link = createRoute({
  getParentRoute: () => root,
  path: "/link",
  component: lazyRouteComponent(() => import("@/pages/link"), "LinkPage"),
});

/** What a link shows to anybody: outside of the frame, where nobody has to be signed in. */
const shared = createRoute({
  getParentRoute: () => root,
  path: "/shared",
  component: lazyRouteComponent(() => import("@/pages/shared"), "SharedPage"),
});

/** What every page but the sign-in has: the frame, the environment, someone signed in. */
const app = createRoute({
  getParentRoute: () => root,
  id: "app",
  validateSearch: (s: Record<string, unknown>): { environment?: string | undefined } => ({ environment: text(s.environment, 128) }),
  search: { middlewares: [retainSearchParams(["environment"])] },
  beforeLoad: async ({ context, location }) => {
    if ((await context.queryClient.query(sessionQuery)) === null) {
      // eslint-disable-next-line @typescript-eslint/only-throw-error -- how the router takes a redirect
      throw redirect({ to: "/sign-in", search: { next: location.href === "/" ? undefined : location.href } });
    }
  },
  component: Shell,
});

function span(value: unknown): Span | undefined {
  return spans.find((days) => String(days) === String(value));
}

const overview = createRoute({
  getParentRoute: () => app,
  path: "/",
  validateSearch: (s: Record<string, unknown>): { days?: Span | undefined } => ({ days: span(s.days) }),
  loaderDeps: ({ search: { environment, days = 30 } }) => ({ environment, days }),
  loader: ({ context, deps }) => {
    const exposure = deps.environment === latestIndexed ? [] : [context.queryClient.query(exposureQuery(deps.environment, deps.days))];
    return soon(
      context.queryClient.query(overviewQuery(deps.environment)),
      context.queryClient.query(policiesQuery(deps.environment, 30)),
      context.queryClient.query(coverageQuery),
      ...exposure,
    );
  },
  component: lazyRouteComponent(() => import("@/pages/overview"), "OverviewPage"),
});

const coverage = createRoute({
  getParentRoute: () => app,
  path: "/coverage",
  loaderDeps: ({ search }) => ({ environment: search.environment }),
  loader: ({ context, deps }) => soon(context.queryClient.infiniteQuery(gapsQuery(deps.environment))),
  component: lazyRouteComponent(() => import("@/pages/coverage"), "CoveragePage"),
});

const environments = createRoute({
  getParentRoute: () => app,
  path: "/environments",
  loader: ({ context }) => soon(context.queryClient.query(coverageQuery)),
  component: lazyRouteComponent(() => import("@/pages/environments"), "EnvironmentsPage"),
});

export const environmentTabs = ["images", "exposure", "gaps", "occurrences", "then", "integrations"] as const;
export type EnvironmentTab = (typeof environmentTabs)[number];

const environment = createRoute({
  getParentRoute: () => app,
  path: "/environments/$name",
  validateSearch: (
    s: Record<string, unknown>,
  ): ExposureFilter & OccurrenceFilter & { tab?: EnvironmentTab | undefined; days?: Span | undefined; severity?: Severity[] | undefined; at?: string | undefined; counting?: Counting | undefined } => ({
    tab: choice(s.tab, environmentTabs),
    days: span(s.days),
    state: choice(s.state, exposureStates),
    severity: choices(s.severity, severities),
    at: pastMoment(s.at),
    q: text(s.q, 200),
    namespace: text(s.namespace),
    cluster: text(s.cluster),
    running: flag(s.running),
    counting: choice(s.counting, countings),
  }),
  loaderDeps: ({ search: { tab, days = 30, state, severity, at, q, namespace, cluster, running } }) => ({ tab, days, state, severity, at, q, namespace, cluster, running }),
  loader: ({ context, params, deps: { tab, days, state, severity, at, q, ...narrowing } }) => {
    switch (tab) {
      case undefined:
        return soon(context.queryClient.infiniteQuery(runningImagesQuery(params.name, { q })));
      case "exposure":
        return soon(
          context.queryClient.query(exposureQuery(params.name, days)),
          context.queryClient.infiniteQuery(exposuresQuery(params.name, { state, severity })),
        );
      case "occurrences":
        return soon(context.queryClient.infiniteQuery(environmentOccurrencesQuery(params.name, { q, ...narrowing })));
      case "then":
        return at === undefined
          ? undefined
          : soon(
              context.queryClient.query(environmentQuery(params.name, { at })),
              context.queryClient.infiniteQuery(runningImagesQuery(params.name, { at, q })),
            );
      default:
        return undefined;
    }
  },
  component: lazyRouteComponent(() => import("@/pages/environment"), "EnvironmentPage"),
});

/** A moment such as 2026-01-31T12:00:00Z. */
function pastMoment(value: unknown): string | undefined {
  const given = text(value, 20);
  return given !== undefined && moment(given) !== undefined ? given : undefined;
}

const images = createRoute({
  getParentRoute: () => app,
  path: "/images",
  validateSearch: (s: Record<string, unknown>): { q?: string | undefined; sort?: ImageSort | undefined } => ({
    q: text(s.q),
    sort: choice(s.sort, ["newest", "name"] as const),
  }),
  loaderDeps: ({ search: { environment, q, sort = "name" } }) => ({ environment, q, sort }),
  loader: ({ context, deps }) => soon(context.queryClient.infiniteQuery(imagesQuery(deps))),
  component: lazyRouteComponent(() => import("@/pages/images"), "ImagesPage"),
});

export const imageTabs = ["vulnerabilities", "recommendations", "policies", "layers", "packages", "attestations", "decisions", "occurrences", "details"] as const;
export type ImageTab = (typeof imageTabs)[number];

export interface ImageSearch {
  tab?: ImageTab | undefined;
  severity?: Severity[] | undefined;
  use?: InUse | undefined;
  fixable?: true | undefined;
  kev?: true | undefined;
  discounted?: true | undefined;
  suppressed?: true | undefined;
  /** Only what lies in the layer of this diff ID. */
  layer?: string | undefined;
  type?: string | undefined;
  q?: string | undefined;
  /** A vulnerability of which is asked why it is there, or is not. */
  why?: string | undefined;
}

const image = createRoute({
  getParentRoute: () => app,
  path: "/images/$digest",
  validateSearch: (s: Record<string, unknown>): ImageSearch => ({
    tab: choice(s.tab, imageTabs),
    severity: choices(s.severity, severities),
    use: choice(s.use, ["in-use", "not-seen", "not-observed"] as const),
    fixable: flag(s.fixable),
    kev: flag(s.kev),
    discounted: flag(s.discounted),
    suppressed: flag(s.suppressed),
    layer: text(s.layer, 128),
    type: text(s.type, 64),
    q: text(s.q),
    why: text(s.why, longestVulnerability),
  }),
  loaderDeps: ({ search }) => ({ environment: search.environment }),
  loader: ({ context, params, deps }) =>
    soon(
      context.queryClient.query(imageQuery(params.digest)),
      context.queryClient.query(findingsQuery(params.digest, deps.environment)),
      context.queryClient.query(imagePoliciesQuery(params.digest, deps.environment)),
    ),
  component: lazyRouteComponent(() => import("@/pages/image"), "ImagePage"),
});

export const compareTabs = ["vulnerabilities", "packages", "policies", "image"] as const;
export type CompareTab = (typeof compareTabs)[number];

export interface CompareSearch extends Sides {
  tab?: CompareTab | undefined;
  change?: Change[] | undefined;
  severity?: Severity[] | undefined;
  q?: string | undefined;
  state?: RepositoryState[] | undefined;
}

const compare = createRoute({
  getParentRoute: () => app,
  path: "/compare",
  validateSearch: (s: Record<string, unknown>): CompareSearch => ({
    image: text(s.image, 1024),
    from: text(s.from, 128),
    to: text(s.to, 1024),
    toEnvironment: text(s.toEnvironment, 128),
    toLatest: flag(s.toLatest),
    at: pastMoment(s.at),
    ignoreMinor: flag(s.ignoreMinor),
    tab: choice(s.tab, compareTabs),
    change: choices(s.change, changes),
    severity: choices(s.severity, severities),
    q: text(s.q),
    state: choices(s.state, repositoryStates),
  }),
  loaderDeps: ({ search: { image, from, to, toEnvironment, toLatest, at, ignoreMinor, state } }) => ({ image, from, to, toEnvironment, toLatest, at, ignoreMinor, state }),
  loader: ({ context, deps: { state, ...sides } }) => {
    const environments = compareEnvironmentsQuery(sides, state);
    return soon(
      context.queryClient.query(coverageQuery),
      ...(isOfImages(sides) ? [context.queryClient.query(compareImagesQuery(sides))] : []),
      ...(!isOfImages(sides) && environments ? [context.queryClient.infiniteQuery(environments)] : []),
    );
  },
  component: lazyRouteComponent(() => import("@/pages/compare"), "ComparePage"),
});

const bases = createRoute({
  getParentRoute: () => app,
  path: "/base-images",
  validateSearch: (s: Record<string, unknown>): { q?: string | undefined } => ({ q: text(s.q) }),
  loaderDeps: ({ search: { environment, q } }) => ({ environment, q }),
  loader: ({ context, deps }) => soon(context.queryClient.infiniteQuery(baseImagesQuery(deps))),
  component: lazyRouteComponent(() => import("@/pages/base-images"), "BaseImagesPage"),
});

const packages = createRoute({
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

const packageOne = createRoute({
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

const vulnerabilities = createRoute({
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

const changed = createRoute({
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

const vulnerability = createRoute({
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

const decisions = createRoute({
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

const policies = createRoute({
  getParentRoute: () => app,
  path: "/policies",
  validateSearch: (s: Record<string, unknown>): { days?: Span | undefined; q?: string | undefined } => ({ days: span(s.days), q: text(s.q) }),
  loaderDeps: ({ search: { environment, days = 30 } }) => ({ environment, days }),
  loader: ({ context, deps }) => soon(context.queryClient.query(policiesQuery(deps.environment, deps.days))),
  component: lazyRouteComponent(() => import("@/pages/policies"), "PoliciesPage"),
});

export const policyTabs = ["images", "changes"] as const;

interface PolicySearch {
  tab?: (typeof policyTabs)[number] | undefined;
  status?: Compliance[] | undefined;
  days?: Span | undefined;
  since?: string | undefined;
}

const policy = createRoute({
  getParentRoute: () => app,
  path: "/policies/$name",
  validateSearch: (s: Record<string, unknown>): PolicySearch => ({
    tab: choice(s.tab, policyTabs),
    status: choices(s.status, compliances),
    days: span(s.days),
    since: pastMoment(s.since),
  }),
  loaderDeps: ({ search: { environment, tab, status, days = 30, since } }) => ({ environment, tab, status, days, since }),
  loader: ({ context, params: { name }, deps: { environment, tab, status, days, since } }) => {
    return soon(
      context.queryClient.query(policyQuery(name)),
      context.queryClient.query(policiesQuery(environment, days)),
      ...(hasPast(environment) ? [context.queryClient.query(policyTrendQuery(name, environment, days))] : []),
      tab === "changes"
        ? context.queryClient.infiniteQuery(policyChangesQuery(name, environment, since))
        : context.queryClient.infiniteQuery(policyImagesQuery(name, environment, status)),
    );
  },
  component: lazyRouteComponent(() => import("@/pages/policy"), "PolicyPage"),
});

const editPolicy = createRoute({
  getParentRoute: () => app,
  path: "/policies/$name/edit",
  loader: ({ context, params }) =>
    soon(
      context.queryClient.query(policyQuery(params.name)),
      context.queryClient.query(policyTypesQuery),
    ),
  component: lazyRouteComponent(() => import("@/pages/policy/edit"), "EditPolicyPage"),
});

// Beside the policies and not among them, where one called like it would be hidden.
const newPolicy = createRoute({
  getParentRoute: () => app,
  path: "/new-policy",
  validateSearch: (s: Record<string, unknown>): { type?: string | undefined } => ({ type: text(s.type, 64) }),
  loader: ({ context }) => soon(context.queryClient.query(policyTypesQuery)),
  component: lazyRouteComponent(() => import("@/pages/policy/edit"), "NewPolicyPage"),
});

const integrations = createRoute({
  getParentRoute: () => app,
  path: "/integrations",
  loader: ({ context }) => soon(context.queryClient.query(integrationsQuery)),
  component: lazyRouteComponent(() => import("@/pages/integrations"), "IntegrationsPage"),
});

// Beside the integrations and not among them, where one called like it would be hidden.
const connect = createRoute({
  getParentRoute: () => app,
  path: "/connect",
  component: lazyRouteComponent(() => import("@/pages/connect/gallery"), "NewIntegrationPage"),
});

const sysdigWizard = createRoute({
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

const registryForm = createRoute({
  getParentRoute: () => app,
  path: "/connect/registry",
  loader: ({ context }) => soon(context.queryClient.query(registryKindsQuery)),
  component: lazyRouteComponent(() => import("@/pages/connect/registry"), "RegistryFormPage"),
});

const repositories = createRoute({
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
const repository = createRoute({
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
const formerWizard = createRoute({
  getParentRoute: () => app,
  path: "/integrations/new/sysdig",
  validateSearch: (s: Record<string, unknown>): { step?: Step | undefined; name?: string | undefined } => ({ step: choice(s.step, steps), name: text(s.name, 128) }),
  beforeLoad: ({ search }) => {
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- how the router takes a redirect
    throw redirect({ to: "/connect/sysdig", search, replace: true });
  },
});

const integration = createRoute({
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

const registry = createRoute({
  getParentRoute: () => app,
  path: "/integrations/registries/$name",
  loader: ({ context, params }) =>
    soon(
      context.queryClient.query(registryQuery(params.name)),
      context.queryClient.infiniteQuery(repositoriesQuery({ registry: params.name })),
    ),
  component: lazyRouteComponent(() => import("@/pages/registry"), "RegistryPage"),
});

const jobs = createRoute({
  getParentRoute: () => app,
  path: "/settings/jobs",
  validateSearch: (s: Record<string, unknown>): { state?: Analysis["state"] | undefined } => ({ state: choice(s.state, analysisStates) }),
  loaderDeps: ({ search }) => ({ state: search.state }),
  loader: ({ context, deps }) =>
    soon(
      context.queryClient.infiniteQuery(analysesQuery(deps.state)),
      context.queryClient.query(integrationsQuery),
      context.queryClient.query(advisoriesQuery),
    ),
  component: lazyRouteComponent(() => import("@/pages/jobs"), "JobsPage"),
});

const licences = createRoute({
  getParentRoute: () => app,
  path: "/licences",
  component: lazyRouteComponent(() => import("@/pages/licences"), "LicencesPage"),
});

const people = createRoute({
  getParentRoute: () => app,
  path: "/settings/people",
  component: lazyRouteComponent(() => import("@/pages/settings/people"), "PeoplePage"),
});

const tokens = createRoute({
  getParentRoute: () => app,
  path: "/settings/tokens",
  component: lazyRouteComponent(() => import("@/pages/settings/tokens"), "TokensPage"),
});

const account = createRoute({
  getParentRoute: () => app,
  path: "/account",
  loader: ({ context }) => soon(context.queryClient.query(accountSessionsQuery)),
  component: lazyRouteComponent(() => import("@/pages/account"), "AccountPage"),
});

/** A day of the calendar, such as 2026-01-31. */
function day(value: unknown): string | undefined {
  const written = text(value, 10);
  return written !== undefined && isDay(written) ? written : undefined;
}

const audit = createRoute({
  getParentRoute: () => app,
  path: "/settings/audit",
  validateSearch: (s: Record<string, unknown>): AuditFilter => ({
    actor: text(s.actor, 254),
    action: text(s.action, 64),
    from: day(s.from),
    to: day(s.to),
  }),
  component: lazyRouteComponent(() => import("@/pages/settings/audit"), "AuditPage"),
});

const remediation = createRoute({
  getParentRoute: () => app,
  path: "/settings/remediation",
  loader: ({ context }) => soon(context.queryClient.query(targetsQuery)),
  component: lazyRouteComponent(() => import("@/pages/settings/remediation"), "RemediationPage"),
});

const registries = createRoute({
  getParentRoute: () => app,
  path: "/settings/registries",
  loader: ({ context }) => soon(context.queryClient.query(registriesQuery)),
  component: lazyRouteComponent(() => import("@/pages/settings/registries"), "RegistriesPage"),
});

const data = createRoute({
  getParentRoute: () => app,
  path: "/settings/data",
  loader: ({ context }) =>
    soon(
      context.queryClient.query(storageQuery),
      context.queryClient.query(retentionQuery),
    ),
  component: lazyRouteComponent(() => import("@/pages/settings/data"), "DataPage"),
});

const updates = createRoute({
  getParentRoute: () => app,
  path: "/settings/updates",
  validateSearch: (s: Record<string, unknown>): { of?: string | undefined; since?: string | undefined } => ({ of: text(s.of, 100), since: pastMoment(s.since) }),
  loaderDeps: ({ search: { of, since } }) => ({ of, since }),
  loader: ({ context, deps }) => soon(context.queryClient.infiniteQuery(updatesQuery(deps))),
  component: lazyRouteComponent(() => import("@/pages/settings/updates"), "UpdatesPage"),
});

const trusts = createRoute({
  getParentRoute: () => app,
  path: "/settings/trusts",
  loader: ({ context }) => soon(context.queryClient.query(trustsQuery)),
  component: lazyRouteComponent(() => import("@/pages/settings/trusts"), "TrustsPage"),
});

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
