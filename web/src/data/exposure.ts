import { queryOptions } from "@tanstack/react-query";
import { api, body } from "./client";
import { given, pageSize, pagesOf } from "./query";
import type { components } from "./schema";
import type { Severity } from "./severity";

export type ExposureReport = components["schemas"]["ExposureReport"];
export type ExposureFigures = components["schemas"]["ExposureFigures"];
export type ExposureDay = components["schemas"]["ExposureDay"];
export type Cause = components["schemas"]["ExposureCause"];
export type Episode = components["schemas"]["ExposureEpisode"];
export type Exposure = components["schemas"]["Exposure"];

export const exposureStates = ["open", "overdue", "suppressed", "not-seen", "closed"] as const;
export type ExposureState = (typeof exposureStates)[number];

export type EnvironmentExposure = components["schemas"]["EnvironmentExposure"];

/** How many days can be looked back on, today included. */
export const spans = [7, 30, 90, 365] as const;
export type Span = (typeof spans)[number];

export interface ExposureFilter {
  state?: ExposureState | undefined;
  severity?: readonly Severity[] | undefined;
}

/** What an environment or, without one, all together are and were exposed to: figures by severity, and each day of the span. */
export function exposureQuery(name: string | undefined, days: Span) {
  return queryOptions({
    queryKey: ["exposure", "report", name, days],
    queryFn: ({ signal }): Promise<ExposureReport> =>
      name === undefined
        ? body(api.GET("/api/v1/exposure", { params: { query: { days } }, signal }))
        : body(api.GET("/api/v1/environments/{name}/exposure", { params: { path: { name }, query: { days } }, signal })),
  });
}

/** The exposures of an environment within a year, the worst severity first, then the oldest. */
export function exposuresQuery(name: string, { state, severity }: ExposureFilter) {
  return pagesOf<Exposure>(["exposure", "list", name, { state, severity }], (cursor, signal) =>
    body(
      api.GET("/api/v1/environments/{name}/exposures", {
        params: { path: { name }, query: given({ state, severity: severity && [...severity], limit: pageSize, cursor }) },
        signal,
      }),
    ),
  );
}

/** When which environment was exposed to a vulnerability, within a year. */
export function vulnerabilityExposureQuery(id: string) {
  return queryOptions({
    queryKey: ["exposure", "vulnerability", id],
    queryFn: ({ signal }): Promise<EnvironmentExposure[]> => body(api.GET("/api/v1/vulnerabilities/{id}/exposure", { params: { path: { id } }, signal })),
  });
}
