import { api, body } from "./client";
import { given, pageSize, pagesOf } from "./query";
import type { components } from "./schema";

export type AuditEntry = components["schemas"]["AuditEntry"];

export interface AuditFilter {
  actor?: string | undefined;
  action?: string | undefined;
  /** The first and the last day, as the calendar on this machine has them: 2026-01-31. */
  from?: string | undefined;
  to?: string | undefined;
}

/** The beginning of a day of the local calendar, or of one some days later; undefined for what is none. */
function startOf(day: string, later = 0): Date | undefined {
  const [year, month, date] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day)?.slice(1).map(Number) ?? [];
  if (year === undefined || month === undefined || date === undefined) {
    return undefined;
  }
  const start = new Date(year, month - 1, date);
  // There is no 31 February.
  return start.getMonth() === month - 1 && start.getDate() === date ? new Date(year, month - 1, date + later) : undefined;
}

export function isDay(text: string): boolean {
  return startOf(text) !== undefined;
}

/** What the API is asked: days are spans between two moments there, the last of which is outside. */
export function auditParameters({ actor, action, from, to }: AuditFilter) {
  return given({
    actor,
    action,
    from: from === undefined ? undefined : startOf(from)?.toISOString(),
    until: to === undefined ? undefined : startOf(to, 1)?.toISOString(),
  });
}

/** Who did what, newest first. */
export function auditQuery(filter: AuditFilter) {
  const query = auditParameters(filter);
  return pagesOf<AuditEntry>(["audit", query], (cursor, signal) =>
    body(api.GET("/api/v1/audit", { params: { query: { ...query, ...given({ limit: pageSize, cursor }) } }, signal })),
  );
}
