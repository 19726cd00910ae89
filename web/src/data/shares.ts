import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, body } from "./client";
import type { components } from "./schema";

export type Share = components["schemas"]["Share"];
export type SharedVulnerability = components["schemas"]["SharedVulnerability"];
export type SharedSource = components["schemas"]["SharedSource"];

/** Days until a link expires. */
export const shareLives = [7, 30, 90] as const satisfies readonly NonNullable<components["schemas"]["ShareRequest"]["days"]>[];
export type ShareLife = (typeof shareLives)[number];

/** The live links of a vulnerability, newest first. */
export function sharesQuery(vulnerability: string) {
  return queryOptions({
    queryKey: ["shares", vulnerability],
    queryFn: ({ signal }) => body(api.GET("/api/v1/shares", { params: { query: { vulnerability } }, signal })),
  });
}

/** Answers with the link, which is told only now. */
export function useCreateShare() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (request: { vulnerability: string; days: ShareLife }) => body(api.POST("/api/v1/shares", { body: request })),
    onSettled: () => client.invalidateQueries({ queryKey: ["shares"] }),
  });
}

export function useRevokeShare() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => body(api.DELETE("/api/v1/shares/{id}", { params: { path: { id } } })),
    onSettled: () => client.invalidateQueries({ queryKey: ["shares"] }),
  });
}

/** What a link shows to whoever has it, by the part after its #. */
export function sharedQuery(secret: string) {
  return queryOptions({
    queryKey: ["shared", secret],
    queryFn: ({ signal }) => body(api.POST("/api/v1/shared", { body: { secret }, signal })),
    gcTime: 0,
    refetchInterval: false,
    enabled: secret !== "",
  });
}
