import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, body } from "./client";
import type { components } from "./schema";

export type Trust = components["schemas"]["Trust"];
export type TrustRequest = components["schemas"]["TrustRequest"];

/** What the jobs of a trust can be let do, the least first. */
export const trustScopes = ["read", "upload", "write"] as const satisfies readonly TrustRequest["scopes"][number][];

/** The issuers a server takes tokens of unless its operator lists others. */
export const issuers = { github: "https://token.actions.githubusercontent.com", gitlab: "https://gitlab.com" } as const;

export const trustsQuery = queryOptions({
  queryKey: ["trusts"],
  queryFn: ({ signal }) => body(api.GET("/api/v1/trusts", { signal })),
});

export function useCreateTrust() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (request: TrustRequest) => body(api.POST("/api/v1/trusts", { body: request })),
    onSettled: () => client.invalidateQueries({ queryKey: ["trusts"] }),
  });
}

/** Ends a trust, and every token it gave. */
export function useDeleteTrust() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => body(api.DELETE("/api/v1/trusts/{id}", { params: { path: { id } } })),
    onSettled: () => client.invalidateQueries({ queryKey: ["trusts"] }),
  });
}
