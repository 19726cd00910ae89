import { queryOptions, useMutation } from "@tanstack/react-query";
import { api, body } from "./client";
import { given } from "./query";
import type { components } from "./schema";

export type Analysis = components["schemas"]["Analysis"];

export function isOver(analysis: Analysis | undefined): boolean {
  return analysis?.state === "done" || analysis?.state === "failed";
}

/** One analysis, asked for again until it is over. */
export function analysisQuery(id: string) {
  return queryOptions({
    queryKey: ["analyses", id],
    queryFn: ({ signal }) => body(api.GET("/api/v1/analyses/{id}", { params: { path: { id } }, signal })),
    staleTime: 0,
    refetchInterval: (query) => (isOver(query.state.data) ? false : 1000),
  });
}

/** Asks the server to analyse an image from its registry. */
export function useAnalyse() {
  return useMutation({
    mutationFn: (request: { reference: string; platform?: string | undefined }) =>
      body(api.POST("/api/v1/analyses", { body: { reference: request.reference, ...given({ platform: request.platform }) } })),
  });
}
