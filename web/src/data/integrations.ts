import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, body } from "./client";
import type { components } from "./schema";

export type Integration = components["schemas"]["Integration"];

export const integrationsQuery = queryOptions({
  queryKey: ["integrations", "list"],
  queryFn: ({ signal }) => body(api.GET("/api/v1/integrations", { signal })),
});

export function integrationQuery(name: string) {
  return queryOptions({
    queryKey: ["integrations", "one", name],
    queryFn: ({ signal }) => body(api.GET("/api/v1/integrations/{name}", { params: { path: { name } }, signal })),
    // A sweep takes seconds; who waits for one should see its end.
    refetchInterval: 5_000,
  });
}

/** Asks for a sweep now. It is queued: the integration tells when it ended. */
export function useSync(name: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => body(api.POST("/api/v1/integrations/{name}/sync", { params: { path: { name } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: ["integrations"] }),
  });
}
