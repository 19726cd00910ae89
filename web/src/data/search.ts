import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { BaseImage } from "./base-images";
import { api, body } from "./client";
import { integrationsQuery, type Integration } from "./integrations";
import { policyNamesQuery, type PolicyRow } from "./policies";
import { connectedRegistriesQuery, type Registry, type Repository } from "./push";
import type { components } from "./schema";

export type SearchResult = components["schemas"]["SearchResult"];
export type WorkloadHit = components["schemas"]["WorkloadHit"];

/** Everything that was found. */
export interface Found extends SearchResult {
  repositories: Repository[];
  bases: BaseImage[];
  integrations: Integration[];
  policies: PolicyRow[];
  registries: Registry[];
}

/** Hits of each kind; who wants others types more. */
const each = 6;

/** Those of a short list with a text in one of their names. */
export function having<T>(list: readonly T[], q: string, names: (row: T) => string[]): T[] {
  const folded = q.toLowerCase();
  return list.filter((row) => names(row).some((name) => name.toLowerCase().includes(folded))).slice(0, each);
}

/**
 * What the server finds for a text. The answer before stays until the next is there; a
 * question that is overtaken is called off.
 */
export function searchQuery(q: string) {
  return queryOptions({
    queryKey: ["search", q],
    queryFn: async ({ signal, client }): Promise<Found> => {
      const query = { q, limit: each };
      const [found, repositories, bases, integrations, policies, registries] = await Promise.all([
        body(api.GET("/api/v1/search", { params: { query: { q, each } }, signal })),
        body(api.GET("/api/v1/repositories", { params: { query }, signal })),
        body(api.GET("/api/v1/base-images", { params: { query }, signal })),
        client.query(integrationsQuery),
        client.query(policyNamesQuery),
        client.query(connectedRegistriesQuery),
      ]);
      return {
        ...found,
        repositories: repositories.items,
        bases: bases.items,
        integrations: having(integrations, q, (i) => [i.name, i.cluster]),
        policies: having(policies.items, q, (p) => [p.name]),
        registries: having(registries, q, (r) => [r.name, r.host]),
      };
    },
    enabled: q !== "",
    placeholderData: keepPreviousData,
    refetchInterval: false,
    gcTime: 60_000,
  });
}
