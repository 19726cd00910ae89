import { keepPreviousData, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, body } from "./client";
import type { components } from "./schema";

/** Days after which what is old is removed; 0 for never. */
export type Retention = components["schemas"]["Retention"];
export type RetentionRun = components["schemas"]["RetentionRun"];
export type StorageUse = components["schemas"]["StorageUse"];

export const retained = ["images", "analyses", "audit"] as const satisfies readonly (keyof Retention)[];

/** The most days that can be set. */
export const mostDays = 3650;

export const storageQuery = queryOptions({
  queryKey: ["storage"],
  queryFn: ({ signal }) => body(api.GET("/api/v1/storage", { signal })),
});

export const retentionQuery = queryOptions({
  queryKey: ["retention", "ages"],
  queryFn: ({ signal }) => body(api.GET("/api/v1/settings/retention", { signal })),
});

/** What would be removed now by these ages. */
export function previewQuery(ages: Retention) {
  return queryOptions({
    queryKey: ["retention", "preview", ages],
    queryFn: ({ signal }) => body(api.GET("/api/v1/settings/retention/preview", { params: { query: ages }, signal })),
    placeholderData: keepPreviousData,
  });
}

/** What was removed of late; asked for often while a run is under way. */
export const runsQuery = queryOptions({
  queryKey: ["retention", "runs"],
  queryFn: ({ signal }) => body(api.GET("/api/v1/settings/retention/runs", { signal })),
  refetchInterval: (query) => (query.state.data?.some((r) => r.finished === undefined) ? 2000 : 60_000),
});

export function useSetRetention() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (ages: Retention) => body(api.PATCH("/api/v1/settings/retention", { body: ages })),
    onSuccess: (ages) => {
      client.setQueryData(retentionQuery.queryKey, ages);
    },
  });
}
