// Pages about policies.

import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import type { Span } from "@/data/exposure";
import { compliances, hasPast, policiesQuery, policyChangesQuery, policyImagesQuery, policyQuery, policyTrendQuery, policyTypesQuery, type Compliance } from "@/data/policies";
import { choice, choices, text } from "../search";
import { soon, app, span, pastMoment } from "./frame";

export const policies = createRoute({
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

export const policy = createRoute({
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

export const editPolicy = createRoute({
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
export const newPolicy = createRoute({
  getParentRoute: () => app,
  path: "/new-policy",
  validateSearch: (s: Record<string, unknown>): { type?: string | undefined } => ({ type: text(s.type, 64) }),
  loader: ({ context }) => soon(context.queryClient.query(policyTypesQuery)),
  component: lazyRouteComponent(() => import("@/pages/policy/edit"), "NewPolicyPage"),
});
