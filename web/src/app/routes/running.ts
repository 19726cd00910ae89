// Pages about what runs where.

import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { coverageQuery, gapsQuery } from "@/data/coverage";
import { countings, environmentOccurrencesQuery, environmentQuery, latestIndexed, runningImagesQuery, type Counting, type OccurrenceFilter } from "@/data/environments";
import { exposureQuery, exposuresQuery, exposureStates, type ExposureFilter, type Span } from "@/data/exposure";
import { overviewQuery } from "@/data/overview";
import { policiesQuery } from "@/data/policies";
import { severities, type Severity } from "@/data/severity";
import { choice, choices, flag, text } from "../search";
import { soon, app, span, pastMoment } from "./frame";

export const overview = createRoute({
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

export const coverage = createRoute({
  getParentRoute: () => app,
  path: "/coverage",
  loaderDeps: ({ search }) => ({ environment: search.environment }),
  loader: ({ context, deps }) => soon(context.queryClient.infiniteQuery(gapsQuery(deps.environment))),
  component: lazyRouteComponent(() => import("@/pages/coverage"), "CoveragePage"),
});

export const environments = createRoute({
  getParentRoute: () => app,
  path: "/environments",
  loader: ({ context }) => soon(context.queryClient.query(coverageQuery)),
  component: lazyRouteComponent(() => import("@/pages/environments"), "EnvironmentsPage"),
});

export const environmentTabs = ["images", "exposure", "gaps", "occurrences", "then", "integrations"] as const;
export type EnvironmentTab = (typeof environmentTabs)[number];

export const environment = createRoute({
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
