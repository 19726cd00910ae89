import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, body } from "./client";
import type { components } from "./schema";

export type Token = components["schemas"]["Token"];
export type TokenRequest = components["schemas"]["TokenRequest"];

/** What a token can be for, the least first. */
export const scopes = ["read", "upload", "write", "metrics", "owner"] as const satisfies readonly Token["scopes"][number][];

export const tokensQuery = queryOptions({
  queryKey: ["tokens"],
  queryFn: ({ signal }) => body(api.GET("/api/v1/tokens", { signal })),
});

/** Answers with the secret, which is told only now. */
export function useCreateToken() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (request: TokenRequest) => body(api.POST("/api/v1/tokens", { body: request })),
    onSettled: () => client.invalidateQueries({ queryKey: ["tokens"] }),
  });
}

export function useRevokeToken() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => body(api.DELETE("/api/v1/tokens/{id}", { params: { path: { id } } })),
    onSettled: () => client.invalidateQueries({ queryKey: ["tokens"] }),
  });
}
