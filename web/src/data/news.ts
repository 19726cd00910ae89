import { api, body } from "./client";
import { moment, written } from "./moment";
import { given, pageSize, pagesOf } from "./query";
import type { components } from "./schema";
import type { Severity } from "./severity";

export type FindingEvent = components["schemas"]["FindingEvent"];
export type AdvisoryUpdate = components["schemas"]["AdvisoryUpdate"];

/** What can become of a vulnerability of a package version. */
export const becomings = ["found", "gone"] as const satisfies readonly FindingEvent["change"][];
export type Becoming = (typeof becomings)[number];

export const causes = ["package new", "advisory published", "advisory changed", "advisory withdrawn", "rule changed"] as const satisfies readonly FindingEvent["cause"][];
export type Cause = (typeof causes)[number];

export interface ChangeFilter {
  environment?: string | undefined;
  /** A moment as addresses have it. */
  since?: string | undefined;
  change?: Becoming | undefined;
  cause?: readonly Cause[] | undefined;
  severity?: readonly Severity[] | undefined;
}

const weekMs = 7 * 86_400_000;

/** Since when changes are shown unless something is chosen: a week, to the hour, so that what is asked stays the same for a while. */
export function usualSince(now: number): string {
  const hour = 3_600_000;
  return written(new Date(Math.floor((now - weekMs) / hour) * hour));
}

/** What the API is asked. */
export function changeParameters({ environment, since, change, cause, severity }: ChangeFilter) {
  const some = <T,>(list: readonly T[] | undefined) => (list === undefined || list.length === 0 ? undefined : [...list]);
  return given({ environment, since: since !== undefined && moment(since) !== undefined ? since : undefined, change, cause: some(cause), severity: some(severity) });
}

/** What was found since a time, and what no longer, the newest first. */
export function findingChangesQuery(filter: ChangeFilter) {
  const query = changeParameters(filter);
  return pagesOf<FindingEvent>(["vulnerabilities", "changes", query], (cursor, signal) =>
    body(api.GET("/api/v1/findings/changes", { params: { query: { ...query, ...given({ limit: pageSize, cursor }) } }, signal })),
  );
}

/** The feeds by name: an ecosystem of OSV, or one that has no ecosystems. */
export const otherFeeds = ["kev", "epss", "bundle"] as const;

interface UpdateFilter {
  of?: string | undefined;
  since?: string | undefined;
}

/** What the API is asked. */
export function updateParameters({ of, since }: UpdateFilter) {
  const feed = otherFeeds.find((f) => f === of);
  return given({ feed, ecosystem: feed === undefined ? of : undefined, since });
}

/** What updates of advisories changed since a time, and which failed, the newest first. */
export function updatesQuery(filter: UpdateFilter) {
  const query = updateParameters(filter);
  return pagesOf<AdvisoryUpdate>(["advisories", "updates", query], (cursor, signal) =>
    body(api.GET("/api/v1/advisories/updates", { params: { query: { ...query, ...given({ limit: pageSize, cursor }) } }, signal })),
  );
}
