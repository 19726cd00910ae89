import { queryOptions, useInfiniteQuery } from "@tanstack/react-query";
import { api, body } from "./client";
import { given, pageSize, pagesOf } from "./query";
import type { components } from "./schema";
import type { Severity } from "./severity";

type VulnerabilityPage = components["schemas"]["VulnerabilityPage"];
export type Vulnerability = components["schemas"]["Vulnerability"];
export type VulnerabilityDetail = components["schemas"]["VulnerabilityDetail"];
export type AffectedVersion = components["schemas"]["AffectedVersion"];
export type VulnerabilitySource = components["schemas"]["VulnerabilitySource"];
export type Holder = components["schemas"]["Holder"];

/** From which estimate on vulnerabilities can be listed; texts, as the address has them. */
export const likelihoods = ["0.01", "0.1", "0.5"] as const;
export type Likelihood = (typeof likelihoods)[number];

export interface VulnerabilityFilter {
  environment?: string | undefined;
  severity?: readonly Severity[] | undefined;
  /** Part of the identifier, of another name or of a summary. */
  q?: string | undefined;
  fixable?: boolean | undefined;
  /** Only what CISA lists as exploited. */
  kev?: boolean | undefined;
  /** Only what EPSS says is at least this likely to be exploited. */
  minEpss?: number | undefined;
  /** Not what distributions take as minor. */
  ignoreMinor?: boolean | undefined;
  /** Only those in packages seen loaded, in the environment or in what runs. */
  inUse?: boolean | undefined;
  /** Also what decisions suppress wherever it is. */
  suppressed?: boolean | undefined;
  /** Also what the environment leaves out as not seen. */
  notSeen?: boolean | undefined;
  sort?: VulnerabilitySort | undefined;
}

/** By urgency: in use first, then what CISA lists, then by EPSS, then the worst. */
export const vulnerabilitySorts = ["worst", "urgency"] as const;
export type VulnerabilitySort = (typeof vulnerabilitySorts)[number];

/** The vulnerabilities of all images, or of those that run in an environment. */
export function vulnerabilitiesQuery({ environment, severity: chosen, q, fixable, kev, minEpss, ignoreMinor, inUse, suppressed, notSeen, sort }: VulnerabilityFilter) {
  const filter = { environment, severity: chosen && chosen.length > 0 ? [...chosen] : undefined, q, fixable, kev, minEpss, ignoreMinor, inUse, suppressed, notSeen, sort };
  return pagesOf<Vulnerability>(["vulnerabilities", "list", filter], (cursor, signal) =>
    body(api.GET("/api/v1/vulnerabilities", { params: { query: given({ ...filter, limit: pageSize, cursor }) }, signal })),
  );
}

/** How many vulnerabilities a list leaves out as minor, once its first part is there. */
export function useMinorHidden(options: ReturnType<typeof vulnerabilitiesQuery>): number {
  const { data } = useInfiniteQuery(options);
  return (data?.pages[0] as VulnerabilityPage | undefined)?.minorHidden ?? 0; // what the query's function fetched
}

/** How many vulnerabilities a list leaves out that it can show, once its first part is there. */
export function useLeftOut(options: ReturnType<typeof vulnerabilitiesQuery>): { suppressed: number; notSeen: number } {
  const { data } = useInfiniteQuery(options);
  const first = data?.pages[0] as VulnerabilityPage | undefined;
  return { suppressed: first?.suppressedHidden ?? 0, notSeen: first?.notSeenHidden ?? 0 };
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
