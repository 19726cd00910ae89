import { queryOptions } from "@tanstack/react-query";
import { api, body } from "./client";
import type { Occurrence } from "./images";
import { given, pageSize, pagesOf } from "./query";
import type { components } from "./schema";

export type Environment = components["schemas"]["EnvironmentSummary"];
export type RunningImage = components["schemas"]["RunningImage"];
export type Workload = components["schemas"]["Workload"];

/** One environment, now or as it was. One that exists but has no analysed image yet is in the coverage only. */
export function environmentQuery(name: string, at?: string) {
  return queryOptions({
    queryKey: ["environments", "one", name, { at }],
    queryFn: ({ signal }) => body(api.GET("/api/v1/environments/{name}", { params: { path: { name }, query: given({ at }) }, signal })),
  });
}

/** The analysed images that run in an environment, or ran there at a time, with their workloads. */
export function runningImagesQuery(name: string, at?: string) {
  return pagesOf<RunningImage>(["environments", "images", name, { at }], (cursor, signal) =>
    body(api.GET("/api/v1/environments/{name}/images", { params: { path: { name }, query: given({ at, limit: pageSize, cursor }) }, signal })),
  );
}

/** What runs and ran in an environment, newest first. */
export function environmentOccurrencesQuery(name: string) {
  return pagesOf<Occurrence>(["environments", "occurrences", name], (cursor, signal) =>
    body(api.GET("/api/v1/environments/{name}/occurrences", { params: { path: { name }, query: given({ limit: pageSize, cursor }) }, signal })),
  );
}
