// Pages about the organisation and the installation.

import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { accountSessionsQuery } from "@/data/account";
import { analysesQuery, analysisStates, type Analysis } from "@/data/analyses";
import type { AuditFilter } from "@/data/audit";
import { integrationsQuery } from "@/data/integrations";
import { updatesQuery } from "@/data/news";
import { registriesQuery } from "@/data/registries";
import { targetsQuery } from "@/data/remediation";
import { retentionQuery, storageQuery } from "@/data/retention";
import { advisoriesQuery } from "@/data/system";
import { trustsQuery } from "@/data/trusts";
import { choice, text } from "../search";
import { soon, app, pastMoment, day } from "./frame";

export const jobs = createRoute({
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

export const licences = createRoute({
  getParentRoute: () => app,
  path: "/licences",
  component: lazyRouteComponent(() => import("@/pages/licences"), "LicencesPage"),
});

export const people = createRoute({
  getParentRoute: () => app,
  path: "/settings/people",
  component: lazyRouteComponent(() => import("@/pages/settings/people"), "PeoplePage"),
});

export const tokens = createRoute({
  getParentRoute: () => app,
  path: "/settings/tokens",
  component: lazyRouteComponent(() => import("@/pages/settings/tokens"), "TokensPage"),
});

export const account = createRoute({
  getParentRoute: () => app,
  path: "/account",
  loader: ({ context }) => soon(context.queryClient.query(accountSessionsQuery)),
  component: lazyRouteComponent(() => import("@/pages/account"), "AccountPage"),
});

export const audit = createRoute({
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

export const remediation = createRoute({
  getParentRoute: () => app,
  path: "/settings/remediation",
  loader: ({ context }) => soon(context.queryClient.query(targetsQuery)),
  component: lazyRouteComponent(() => import("@/pages/settings/remediation"), "RemediationPage"),
});

export const registries = createRoute({
  getParentRoute: () => app,
  path: "/settings/registries",
  loader: ({ context }) => soon(context.queryClient.query(registriesQuery)),
  component: lazyRouteComponent(() => import("@/pages/settings/registries"), "RegistriesPage"),
});

export const data = createRoute({
  getParentRoute: () => app,
  path: "/settings/data",
  loader: ({ context }) =>
    soon(
      context.queryClient.query(storageQuery),
      context.queryClient.query(retentionQuery),
    ),
  component: lazyRouteComponent(() => import("@/pages/settings/data"), "DataPage"),
});

export const updates = createRoute({
  getParentRoute: () => app,
  path: "/settings/updates",
  validateSearch: (s: Record<string, unknown>): { of?: string | undefined; since?: string | undefined } => ({ of: text(s.of, 100), since: pastMoment(s.since) }),
  loaderDeps: ({ search: { of, since } }) => ({ of, since }),
  loader: ({ context, deps }) => soon(context.queryClient.infiniteQuery(updatesQuery(deps))),
  component: lazyRouteComponent(() => import("@/pages/settings/updates"), "UpdatesPage"),
});

export const trusts = createRoute({
  getParentRoute: () => app,
  path: "/settings/trusts",
  loader: ({ context }) => soon(context.queryClient.query(trustsQuery)),
  component: lazyRouteComponent(() => import("@/pages/settings/trusts"), "TrustsPage"),
});
