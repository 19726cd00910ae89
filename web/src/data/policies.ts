import { useDebouncedValue } from "@mantine/hooks";
import { queryOptions, skipToken, useMutation, useQuery, useQueryClient, type QueryClient } from "@tanstack/react-query";
import { api, body } from "./client";
import { serverNow } from "./clock";
import { latestIndexed } from "./environments";
import { pollEvery } from "./events";
import type { Span } from "./exposure";
import { given, pageSize, pagesOf } from "./query";
import type { components } from "./schema";

export type Policy = components["schemas"]["Policy"];
export type PolicyRow = components["schemas"]["PolicyRow"];
export type PolicyCount = components["schemas"]["PolicyCount"];
export type PolicyType = components["schemas"]["PolicyType"];
export type PolicyParameter = components["schemas"]["PolicyParameter"];
export type PolicyImage = components["schemas"]["PolicyImage"];
export type PolicyDay = components["schemas"]["PolicyDay"];
export type PolicyChanged = components["schemas"]["PolicyChanged"];
export type PolicyOutcome = components["schemas"]["PolicyOutcome"];
export type PolicyRequest = components["schemas"]["PolicyRequest"];
export type PolicyChange = components["schemas"]["PolicyChange"];
export type ImagePolicy = components["schemas"]["ImagePolicy"];
export type ImagePolicies = components["schemas"]["ImagePolicies"];
export type PolicyScore = components["schemas"]["PolicyScore"];
export type Violation = components["schemas"]["Violation"];
export type Saying = components["schemas"]["Saying"];
export type CheckedPolicy = components["schemas"]["CheckedPolicy"];

export const compliances = ["non-compliant", "no-data", "compliant"] as const satisfies readonly PolicyImage["status"][];
export type Compliance = (typeof compliances)[number];

/** The most one policy can count in the score. */
export const mostWeight = 1000;
/** The longest name, and what may be in it, as the server has them. */
export const longestName = 128;
export const nameForm = /^[A-Za-z0-9][A-Za-z0-9 ._,()&+-]*$/;

/** Midnight, in UTC, so many days ago: the same for as long as the day lasts. */
function daysAgo(days: number): string {
  const at = new Date(serverNow() - days * 86_400_000);
  return `${at.toISOString().slice(0, 10)}T00:00:00Z`;
}

/** Whether a policy says of any image that it meets it or not: where nothing is known there is no rate, not one of nought. */
export function isJudged(count: PolicyCount): boolean {
  return count.compliant + count.nonCompliant > 0;
}

/** Of what is not the past of anything nobody kept what it was. */
export function hasPast(environment: string | undefined): boolean {
  return environment !== latestIndexed;
}

/**
 * All policies with how many images meet them, and how many did some days ago. While something changed that was not looked at
 * yet, the numbers are asked for again soon.
 */
export function policiesQuery(environment: string | undefined, days: Span) {
  const since = hasPast(environment) ? daysAgo(days) : undefined;
  return queryOptions({
    queryKey: ["policies", "list", { environment, since }],
    queryFn: ({ signal }) => body(api.GET("/api/v1/policies", { params: { query: given({ environment, since }) }, signal })),
    refetchInterval: (query) => ((query.state.data?.due ?? 0) > 0 ? 3_000 : pollEvery(60_000)),
  });
}

/** The names of all policies, for whoever looks for one. */
export const policyNamesQuery = queryOptions({
  queryKey: ["policies", "names"],
  queryFn: ({ signal }) => body(api.GET("/api/v1/policies", { signal })),
  refetchInterval: false,
});

/** One policy as it is configured. */
export function policyQuery(name: string) {
  return queryOptions({
    queryKey: ["policies", "one", name],
    queryFn: ({ signal }) => body(api.GET("/api/v1/policies/{name}", { params: { path: { name } }, signal })),
  });
}

export const policyTypesQuery = queryOptions({
  queryKey: ["policy-types"],
  queryFn: ({ signal }) => body(api.GET("/api/v1/policy-types", { signal })),
  staleTime: Infinity,
  refetchInterval: false,
});

/** What a policy said at the end of each day, the oldest first. */
export function policyTrendQuery(name: string, environment: string | undefined, days: Span) {
  return queryOptions({
    queryKey: ["policies", "trend", name, { environment, days }],
    queryFn: ({ signal }) => body(api.GET("/api/v1/policies/{name}/trend", { params: { path: { name }, query: given({ environment, days }) }, signal })),
    enabled: hasPast(environment),
  });
}

/** The images that a policy says something of. */
export function policyImagesQuery(name: string, environment: string | undefined, status: readonly Compliance[] | undefined) {
  return pagesOf<PolicyImage>(["policies", "images", name, { environment, status }], (cursor, signal) =>
    body(
      api.GET("/api/v1/policies/{name}/images", {
        params: { path: { name }, query: given({ environment, status: status && [...status], limit: pageSize, cursor }) },
        signal,
      }),
    ),
  );
}

/** What a policy came to say otherwise, the newest first. */
export function policyChangesQuery(policy: string, environment: string | undefined, since: string | undefined) {
  return pagesOf<PolicyChanged>(["policies", "changes", policy, { environment, since }], (cursor, signal) =>
    body(api.GET("/api/v1/policy-changes", { params: { query: given({ policy, environment, since, limit: pageSize, cursor }) }, signal })),
  );
}

/** What all policies say of an image, with what breaks them and what would mend it; in an environment, or of the image by itself. */
export function imagePoliciesQuery(digest: string, environment: string | undefined) {
  return queryOptions({
    queryKey: ["policies", "image", digest, { environment }],
    queryFn: ({ signal }) => body(api.GET("/api/v1/images/{digest}/policies", { params: { path: { digest }, query: given({ environment }) }, signal })),
  });
}

/** The share of images that meet a policy, 0 to 1; undefined if it says something of none. */
export function rateOf(count: PolicyCount): number | undefined {
  return count.images === 0 ? undefined : count.compliant / count.images;
}

/** By how many percentage points the rate moved; undefined where there was none before, or is none now. */
export function movedBy(row: Pick<PolicyRow, "count" | "before">): number | undefined {
  const now = rateOf(row.count);
  const then = row.before && rateOf(row.before);
  return now === undefined || then === undefined ? undefined : Math.round((now - then) * 100);
}

/** Those that images break first, then those of which least is known; what is not enabled last. */
export function worstFirst(rows: readonly PolicyRow[]): PolicyRow[] {
  const rank = (r: PolicyRow) => (r.enabled ? 0 : 1);
  return rows.toSorted((a, b) => rank(a) - rank(b) || b.count.nonCompliant - a.count.nonCompliant || b.count.noData - a.count.noData);
}

function forgetPolicies(client: QueryClient): Promise<void> {
  return client.invalidateQueries({ queryKey: ["policies"] });
}

export async function createPolicy(request: PolicyRequest): Promise<Policy> {
  return body(api.POST("/api/v1/policies", { body: request }));
}

export async function changePolicy(name: string, change: PolicyChange): Promise<Policy> {
  return body(api.PATCH("/api/v1/policies/{name}", { params: { path: { name } }, body: change }));
}

/** Makes a policy, or changes the one of a name. */
export function useSavePolicy(name: string | undefined) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (request: PolicyRequest) => {
      if (name === undefined) {
        return createPolicy(request);
      }
      const change: PolicyChange & { type?: string } = { ...request };
      delete change.type; // which stays what it is
      return changePolicy(name, change);
    },
    onSuccess: () => forgetPolicies(client),
  });
}

/** What a policy would be, as far as it is typed; what is wrong with it is the error. Nothing is asked without one. */
export function useCheckedPolicy(request: PolicyRequest | undefined) {
  const text = request && JSON.stringify({ type: request.type, parameters: request.parameters });
  const [asked] = useDebouncedValue(text, 400);
  return useQuery({
    queryKey: ["policy-check", asked],
    queryFn: asked === undefined || asked !== text ? skipToken : ({ signal }) => body(api.POST("/api/v1/policy-checks", { body: JSON.parse(asked) as { type: string; parameters?: unknown }, signal })),
    retry: false,
    staleTime: Infinity,
    refetchInterval: false,
  });
}

/** Enables a policy, or disables it: what it said before is hidden until it is enabled again. */
export function useEnablePolicy(name: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (enabled: boolean) => changePolicy(name, { enabled }),
    onSuccess: () => forgetPolicies(client),
  });
}

export function useDeletePolicy() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (name: string) => body(api.DELETE("/api/v1/policies/{name}", { params: { path: { name } } })),
    onSuccess: (_, name) => {
      client.removeQueries({ predicate: (q) => q.queryKey[0] === "policies" && q.queryKey[2] === name });
      return forgetPolicies(client);
    },
  });
}
