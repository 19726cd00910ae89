import { queryOptions } from "@tanstack/react-query";
import { api, body } from "./client";
import { given, pageSize, pagesOf } from "./query";
import type { components } from "./schema";
import type { Severity } from "./severity";

export type Vulnerability = components["schemas"]["Vulnerability"];
export type VulnerabilityDetail = components["schemas"]["VulnerabilityDetail"];
export type AffectedVersion = components["schemas"]["AffectedVersion"];
export type VulnerabilitySource = components["schemas"]["VulnerabilitySource"];
export type Holder = components["schemas"]["Holder"];

export interface VulnerabilityFilter {
  environment?: string | undefined;
  severity?: readonly Severity[] | undefined;
}

/** The vulnerabilities of all images, or of those that run in an environment, worst first. */
export function vulnerabilitiesQuery(filter: VulnerabilityFilter) {
  const severity = filter.severity && filter.severity.length > 0 ? [...filter.severity] : undefined;
  return pagesOf<Vulnerability>(["vulnerabilities", "list", { environment: filter.environment, severity }], (cursor, signal) =>
    body(
      api.GET("/api/v1/vulnerabilities", {
        params: { query: given({ environment: filter.environment, severity, limit: pageSize, cursor }) },
        signal,
      }),
    ),
  );
}

/** One vulnerability, by its ID or any other of its names. */
export function vulnerabilityQuery(id: string) {
  return queryOptions({
    queryKey: ["vulnerabilities", "one", id],
    queryFn: ({ signal }) => body(api.GET("/api/v1/vulnerabilities/{id}", { params: { path: { id } }, signal })),
  });
}

/** The images that have a vulnerability, all or those that run in an environment. */
export function holdersQuery(id: string, environment: string | undefined) {
  return pagesOf<Holder>(["vulnerabilities", "images", id, { environment }], (cursor, signal) =>
    body(
      api.GET("/api/v1/vulnerabilities/{id}/images", {
        params: { path: { id }, query: given({ environment, limit: pageSize, cursor }) },
        signal,
      }),
    ),
  );
}
