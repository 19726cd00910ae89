// Pages about images, and what one is compared with.

import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { baseImagesQuery } from "@/data/base-images";
import { changes, compareEnvironmentsQuery, compareImagesQuery, isOfImages, repositoryStates, type Change, type RepositoryState, type Sides } from "@/data/compare";
import { coverageQuery } from "@/data/coverage";
import { findingsQuery, imageQuery, imagesQuery, type ImageSort, type InUse } from "@/data/images";
import { imagePoliciesQuery } from "@/data/policies";
import { severities, type Severity } from "@/data/severity";
import { longestVulnerability } from "@/data/why";
import { choice, choices, flag, text } from "../search";
import { soon, app, pastMoment } from "./frame";

export const images = createRoute({
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

export const image = createRoute({
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

export const compare = createRoute({
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

export const bases = createRoute({
  getParentRoute: () => app,
  path: "/base-images",
  validateSearch: (s: Record<string, unknown>): { q?: string | undefined } => ({ q: text(s.q) }),
  loaderDeps: ({ search: { environment, q } }) => ({ environment, q }),
  loader: ({ context, deps }) => soon(context.queryClient.infiniteQuery(baseImagesQuery(deps))),
  component: lazyRouteComponent(() => import("@/pages/base-images"), "BaseImagesPage"),
});
