import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, body } from "./client";
import { coverageQuery } from "./coverage";
import type { Occurrence } from "./images";
import { given, pageSize, pagesOf } from "./query";
import { forgetRecent } from "./recents";
import type { components } from "./schema";

export type Environment = components["schemas"]["EnvironmentSummary"];
export type RunningImage = components["schemas"]["RunningImage"];
export type EnvironmentChange = components["schemas"]["EnvironmentChange"];
export type Workload = components["schemas"]["Workload"];

/** The environment that is built in, of the newest analysed image of each repository; it is in no list of the server's. */
export const latestIndexed = "latest-indexed";

/** What of an environment's vulnerabilities is in packages seen loaded; undefined where nothing watches it, which is not none. */
export function inUseOf(e: Environment): Environment["inUse"] | undefined {
  return e.profilesAsOf === undefined ? undefined : e.inUse;
}

/** What an environment's images are filtered by. */
export interface RunningFilter {
  /** The time of which to tell; now without one. */
  at?: string | undefined;
  /** Part of the name, of a digest or of the distribution. */
  q?: string | undefined;
}

/** One environment, now or as it was. One that exists but has no analysed image yet is in the coverage only. */
export function environmentQuery(name: string, { at, counting }: { at?: string | undefined; counting?: Counting | undefined } = {}) {
  return queryOptions({
    queryKey: ["environments", "one", name, { at, counting }],
    queryFn: ({ signal }) => body(api.GET("/api/v1/environments/{name}", { params: { path: { name }, query: given({ at, counting }) }, signal })),
  });
}

/** What the numbers of an environment count; the first is what lists have. */
export const countings = ["images", "packages", "vulnerabilities"] as const;
export type Counting = (typeof countings)[number];

/** The analysed images that run in an environment, or ran there at a time, with their workloads. */
export function runningImagesQuery(name: string, { at, q }: RunningFilter = {}) {
  return pagesOf<RunningImage>(["environments", "images", name, { at, q }], (cursor, signal) =>
    body(api.GET("/api/v1/environments/{name}/images", { params: { path: { name }, query: given({ at, q, limit: pageSize, cursor }) }, signal })),
  );
}

/** What runs and ran in an environment is narrowed by. */
export interface OccurrenceFilter {
  /** Words, each part of the workload, its namespace or cluster, or its image. */
  q?: string | undefined;
  namespace?: string | undefined;
  cluster?: string | undefined;
  /** Only what runs now. */
  running?: true | undefined;
}

/** What runs and ran in an environment, newest first. */
export function environmentOccurrencesQuery(name: string, { q, namespace, cluster, running }: OccurrenceFilter) {
  return pagesOf<Occurrence>(["environments", "occurrences", name, { q, namespace, cluster, running }], (cursor, signal) =>
    body(api.GET("/api/v1/environments/{name}/occurrences", { params: { path: { name }, query: given({ q, namespace, cluster, running, limit: pageSize, cursor }) }, signal })),
  );
}

/** The longest name and description that the server takes. */
export const longestName = 128;
export const longestDescription = 500;

/** The most days a profile can count. */
export const mostProfileDays = 3650;

/** Changes an environment; what is in use may be another thing everywhere then. */
export function useChangeEnvironment(name: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (change: EnvironmentChange) => body(api.PATCH("/api/v1/environments/{name}", { params: { path: { name } }, body: change })),
    onSuccess: () => client.invalidateQueries(),
  });
}

/** Renames or describes an environment. `then` hears of it before anything is asked anew, so that it can leave what has the old name. */
export function useDescribeEnvironment(name: string, then: (changed: Environment) => Promise<void>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (change: Pick<EnvironmentChange, "name" | "description">) => body(api.PATCH("/api/v1/environments/{name}", { params: { path: { name } }, body: change })),
    onSuccess: async (changed) => {
      if (changed.name !== name) {
        forgetRecent({ kind: "environment", name });
        const known = (list: Environment[]) => list.flatMap((e) => (e.name === name ? [e, changed] : [e]));
        client.setQueryData(coverageQuery.queryKey, (report) => report && { ...report, environments: known(report.environments), idle: known(report.idle) });
      }
      await then(changed);
      void client.invalidateQueries();
    },
  });
}

/** Deletes an environment that nothing feeds; what ran there stays in the history. */
export function useDeleteEnvironment() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (name: string) => body(api.DELETE("/api/v1/environments/{name}", { params: { path: { name } } })),
    onSuccess: (_, name) => {
      forgetRecent({ kind: "environment", name });
      void client.invalidateQueries();
    },
  });
}

export type DeletedEnvironment = components["schemas"]["DeletedEnvironment"];

/** The environments of which there is only the history left, the last one first. */
export const deletedEnvironmentsQuery = queryOptions({
  queryKey: ["environments", "deleted"],
  queryFn: ({ signal }) => body(api.GET("/api/v1/deleted-environments", { signal })),
});
