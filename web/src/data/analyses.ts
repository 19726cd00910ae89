import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, body } from "./client";
import { given, pageSize, pagesOf } from "./query";
import type { components } from "./schema";

export type Analysis = components["schemas"]["Analysis"];

export const analysisStates = ["queued", "running", "done", "failed"] as const satisfies readonly Analysis["state"][];

export function isOver(analysis: Analysis | undefined): boolean {
  return analysis?.state === "done" || analysis?.state === "failed";
}

/** One analysis, asked for again until it is over. */
export function analysisQuery(id: string) {
  return queryOptions({
    queryKey: ["analyses", "one", id],
    queryFn: ({ signal }) => body(api.GET("/api/v1/analyses/{id}", { params: { path: { id } }, signal })),
    staleTime: 0,
    refetchInterval: (query) => (isOver(query.state.data) ? false : 1000),
  });
}

/** What was asked to be analysed, newest first. */
export function analysesQuery(state?: Analysis["state"]) {
  return pagesOf<Analysis>(["analyses", "list", { state }], (cursor, signal) =>
    body(api.GET("/api/v1/analyses", { params: { query: given({ limit: pageSize, cursor, state }) }, signal })),
  );
}

/** Asks the server to analyse an image from its registry. */
export function useAnalyse() {
  return useMutation({
    mutationFn: (request: { reference: string; platform?: string | undefined }) =>
      body(api.POST("/api/v1/analyses", { body: { reference: request.reference, ...given({ platform: request.platform }) } })),
  });
}

/** Has an analysis that is over tried again. */
export function useRetry() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => body(api.POST("/api/v1/analyses/{id}/retry", { params: { path: { id } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: ["analyses"] }),
  });
}
