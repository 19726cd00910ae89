import { api, body } from "./client";
import { given, pageSize, pagesOf } from "./query";
import type { components } from "./schema";
import type { Severity } from "./severity";

export type Vulnerability = components["schemas"]["Vulnerability"];

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
