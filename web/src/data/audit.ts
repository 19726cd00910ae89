import { api, body } from "./client";
import { given, pageSize, pagesOf } from "./query";
import type { components } from "./schema";

export type AuditEntry = components["schemas"]["AuditEntry"];

export interface AuditFilter {
  actor?: string | undefined;
  action?: string | undefined;
}

/** Who did what, newest first. */
export function auditQuery(filter: AuditFilter) {
  return pagesOf<AuditEntry>(["audit", filter], (cursor, signal) =>
    body(api.GET("/api/v1/audit", { params: { query: given({ ...filter, limit: pageSize, cursor }) }, signal })),
  );
}
