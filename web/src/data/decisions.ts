import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, body } from "./client";
import { given, pageSize, pagesOf } from "./query";
import type { components } from "./schema";

export type Exception = components["schemas"]["Exception"];
export type ExceptionRequest = components["schemas"]["ExceptionRequest"];
export type ExceptionPreview = components["schemas"]["ExceptionPreview"];
export type DecisionSettings = components["schemas"]["DecisionSettings"];
export type DecisionScope = components["schemas"]["DecisionScope"];
export type ImageDecision = components["schemas"]["ImageDecision"];
export type Suppression = components["schemas"]["Suppression"];
export type VEXDocument = components["schemas"]["VEXDocument"];
export type VEXStatement = components["schemas"]["VEXStatement"];

export const exceptionStates = ["waiting", "active", "expired", "revoked"] as const satisfies readonly Exception["state"][];
export type ExceptionState = (typeof exceptionStates)[number];

export const exceptionTypes = ["accepted-risk", "false-positive"] as const satisfies readonly ExceptionRequest["type"][];
export const justifications = [
  "component_not_present",
  "vulnerable_code_not_present",
  "vulnerable_code_not_in_execute_path",
  "vulnerable_code_cannot_be_controlled_by_adversary",
  "inline_mitigations_already_exist",
] as const satisfies readonly NonNullable<ExceptionRequest["justification"]>[];

/** The exceptions in some states, or in all of them, the newest first. */
export function exceptionsQuery(state: readonly ExceptionState[] | undefined, q: string | undefined) {
  return pagesOf<Exception>(["decisions", "exceptions", { state, q }], (cursor, signal) =>
    body(api.GET("/api/v1/exceptions", { params: { query: given({ state: state && [...state], q, limit: pageSize, cursor }) }, signal })),
  );
}

export const decisionSettingsQuery = queryOptions({
  queryKey: ["decisions", "settings"],
  queryFn: ({ signal }) => body(api.GET("/api/v1/decision-settings", { signal })),
});

/** What is decided about findings of an image. */
export function imageDecisionsQuery(digest: string) {
  return queryOptions({
    queryKey: ["decisions", "image", digest],
    queryFn: ({ signal }) => body(api.GET("/api/v1/images/{digest}/decisions", { params: { path: { digest } }, signal })),
  });
}

/** What an exception would suppress; nothing is kept. */
export function previewQuery(request: ExceptionRequest, enabled: boolean) {
  return queryOptions({
    queryKey: ["decisions", "preview", request],
    queryFn: ({ signal }) => body(api.POST("/api/v1/exceptions/preview", { body: request, signal })),
    enabled,
    retry: false,
    refetchInterval: false,
  });
}

export const vexDocumentsQuery = queryOptions({
  queryKey: ["decisions", "documents"],
  queryFn: ({ signal }) => body(api.GET("/api/v1/vex-documents", { signal })),
});

export function vexStatementsQuery(id: string) {
  return pagesOf<VEXStatement>(["decisions", "statements", id], (cursor, signal) =>
    body(api.GET("/api/v1/vex-documents/{id}/statements", { params: { path: { id }, query: given({ limit: pageSize, cursor }) }, signal })),
  );
}

/** Counts everywhere follow from what is decided, so that all that is shown of images is asked for again. */
function useDecide<T, R>(decide: (request: T) => Promise<R>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: decide,
    onSuccess: () =>
      client.invalidateQueries({
        predicate: (q) => ["decisions", "images", "environments", "vulnerabilities", "packages", "overview", "compare", "policies"].includes(String(q.queryKey[0])),
      }),
  });
}

export function useCreateException() {
  return useDecide((request: ExceptionRequest) => body(api.POST("/api/v1/exceptions", { body: request })));
}

export function useApproveException() {
  return useDecide((id: string) => body(api.POST("/api/v1/exceptions/{id}/approve", { params: { path: { id } } })));
}

export function useRevokeException() {
  return useDecide((id: string) => body(api.POST("/api/v1/exceptions/{id}/revoke", { params: { path: { id } } })));
}

export function useDecisionSettings() {
  return useDecide((change: Partial<DecisionSettings>) => body(api.PATCH("/api/v1/decision-settings", { body: change })));
}

export function useImportVEX() {
  return useDecide(async (file: File) => {
    const text = await file.text();
    // The document goes as it is: its digest is that of its bytes.
    return body(api.POST("/api/v1/vex-documents", { params: { query: { name: file.name } }, body: {}, bodySerializer: () => text }));
  });
}

export function useDeleteVEX() {
  return useDecide((id: string) => body(api.DELETE("/api/v1/vex-documents/{id}", { params: { path: { id } } })));
}

/** Lines and commas part what is typed. */
export function listed(text: string): string[] {
  return text.split(/[\n,]/).map((part) => part.trim()).filter((part) => part !== "");
}

/** What is typed into the form of an exception. */
export interface Draft {
  vulnerability: string;
  type: ExceptionRequest["type"];
  justification: string;
  image: string;
  repositories: string;
  environments: string;
  packages: string;
  text: string;
  expires: string;
}

/** The request that a draft stands for. What is empty narrows nothing. */
export function requestOf(draft: Draft): ExceptionRequest {
  const justification = draft.type === "false-positive" ? justifications.find((j) => j === draft.justification) : undefined;
  const lists = { repositories: listed(draft.repositories), environments: listed(draft.environments), packages: listed(draft.packages) };
  return {
    vulnerability: draft.vulnerability.trim(),
    type: draft.type,
    text: draft.text.trim(),
    scope: {
      ...(draft.image.trim() === "" ? {} : { image: draft.image.trim() }),
      ...Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0)),
    },
    ...(justification === undefined ? {} : { justification }),
    ...(draft.expires === "" ? {} : { expires: draft.expires }),
  };
}

/** The last day in UTC on which something holds that ends at a moment: one written as a day holds through its end. */
export function lastDay(end: string): string {
  return new Date(Date.parse(end) - 1).toISOString().slice(0, 10);
}
