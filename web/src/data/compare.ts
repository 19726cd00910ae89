import { queryOptions, skipToken, useInfiniteQuery, type QueryKey } from "@tanstack/react-query";
import { api, body } from "./client";
import { given, pageSize, pagesOf } from "./query";
import type { components } from "./schema";

export type Comparison = components["schemas"]["Comparison"];
export type ComparedSide = components["schemas"]["ComparedSide"];
export type FactChange = components["schemas"]["FactChange"];
export type PackageChange = components["schemas"]["PackageChange"];
export type FindingChange = components["schemas"]["FindingChange"];
export type ComparedPolicy = components["schemas"]["ComparedPolicy"];
export type EnvironmentComparison = components["schemas"]["EnvironmentComparison"];
export type RepositoryComparison = components["schemas"]["RepositoryComparison"];
export type RunningVersion = components["schemas"]["RunningVersion"];

/** What can become of a finding, in the order people want to read it. */
export const changes = ["new", "fixed", "unchanged"] as const;
export type Change = (typeof changes)[number];

/** What would become of a repository, what changes first. */
export const repositoryStates = ["newer", "older", "different", "only-after", "only-before", "same"] as const;
export type RepositoryState = (typeof repositoryStates)[number];

/** What is compared with what, as addresses name it: an image or an environment, with one of three. */
export interface Sides {
  image?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
  toEnvironment?: string | undefined;
  toLatest?: true | undefined;
  at?: string | undefined;
  /** Without what distributions take as minor. */
  ignoreMinor?: true | undefined;
}

/** Whether the sides name an image and what it is compared with. */
export function isOfImages({ image, to, toEnvironment, toLatest }: Sides): boolean {
  return image !== undefined && (to !== undefined || toEnvironment !== undefined || toLatest !== undefined);
}

/** What an image is compared with. Addresses are written by anyone: of several the first counts, and a moment is one of an environment. */
export function otherOf({ to, toEnvironment, toLatest, at, ignoreMinor }: Sides): Omit<Sides, "image" | "from"> {
  return { ...(to !== undefined ? { to } : toEnvironment !== undefined ? { toEnvironment, at } : { toLatest }), ...(ignoreMinor && { ignoreMinor }) };
}

/** An image with another one, with what runs, or with the newest; asks nothing while the sides do not say. */
export function compareImagesQuery(sides: Sides) {
  const { image } = sides;
  const other = otherOf(sides);
  const queryKey: QueryKey = ["compare", "images", image, other];
  return queryOptions({
    queryKey,
    queryFn:
      image !== undefined && isOfImages(sides)
        ? ({ signal }): Promise<Comparison> => body(api.GET("/api/v1/compare", { params: { query: { image, ...given(other) } }, signal }))
        : skipToken,
    refetchInterval: false,
  });
}

/** What runs in one environment with what runs in another, by repository; undefined while the sides do not say. */
export function compareEnvironmentsQuery({ from, toEnvironment, at, ignoreMinor }: Sides, state?: readonly RepositoryState[]) {
  if (from === undefined || toEnvironment === undefined) {
    return undefined;
  }
  return pagesOf<RepositoryComparison>(["compare", "environments", from, toEnvironment, { at, ignoreMinor, state }], (cursor, signal) =>
    body<EnvironmentComparison>(
      api.GET("/api/v1/compare/environments", {
        params: { query: { environment: from, toEnvironment, ...given({ at, ignoreMinor, state: state && [...state], limit: pageSize, cursor }) } },
        signal,
      }),
    ),
  );
}

/** What the first part of a comparison of environments says of all of it; the rows are read with `useRows`. */
export function useComparedEnvironments(options: NonNullable<ReturnType<typeof compareEnvironmentsQuery>>): EnvironmentComparison | undefined {
  const { data } = useInfiniteQuery(options);
  return data?.pages[0] as EnvironmentComparison | undefined; // what the query's function fetched
}

export type ComparedStandings = components["schemas"]["ComparedStandings"];
export type ComparedStanding = components["schemas"]["ComparedStanding"];

/** What the policies of one environment would say if what runs in another one took its place there. */
export function standingsQuery(environment: string, toEnvironment: string, at: string | undefined) {
  return queryOptions({
    queryKey: ["compare", "policies", environment, toEnvironment, { at }],
    queryFn: ({ signal }) => body(api.GET("/api/v1/compare/environments/policies", { params: { query: { environment, toEnvironment, ...given({ at }) } }, signal })),
    refetchInterval: false,
  });
}
