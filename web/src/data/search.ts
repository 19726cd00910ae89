import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, body } from "./client";
import type { components } from "./schema";

export type SearchResult = components["schemas"]["SearchResult"];
export type WorkloadHit = components["schemas"]["WorkloadHit"];

/** Hits of each kind; who wants others types more. */
const each = 6;

/**
 * What the server finds for a text. The answer before stays until the next is there; a
 * question that is overtaken is called off.
 */
export function searchQuery(q: string) {
  return queryOptions({
    queryKey: ["search", q],
    queryFn: ({ signal }) => body(api.GET("/api/v1/search", { params: { query: { q, each } }, signal })),
    enabled: q !== "",
    placeholderData: keepPreviousData,
    refetchInterval: false,
    gcTime: 60_000,
  });
}
