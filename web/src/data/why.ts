import { queryOptions } from "@tanstack/react-query";
import { api, body } from "./client";
import { given } from "./query";
import type { components } from "./schema";

export type Why = components["schemas"]["Why"];
export type PackageReason = components["schemas"]["PackageReason"];
export type Explanation = components["schemas"]["Explanation"];
export type ExplainedSource = components["schemas"]["ExplainedSource"];
export type ExplainedRange = components["schemas"]["ExplainedRange"];

export interface Question {
  digest: string;
  vulnerability: string;
  /** Only about this package, by its name. */
  package?: string | undefined;
  /** Take in-use data from this environment only. */
  environment?: string | undefined;
}

/** The longest name that can be asked about. */
export const longestVulnerability = 128;

/** Why an image has a vulnerability, or has not. */
export function whyQuery({ digest, vulnerability, package: name, environment }: Question) {
  return queryOptions({
    // Under the images, as what is found in one and why change together.
    queryKey: ["images", "why", digest, { vulnerability, name, environment }],
    queryFn: ({ signal }) =>
      body(api.GET("/api/v1/images/{digest}/why", { params: { path: { digest }, query: { vulnerability, ...given({ package: name, environment }) } }, signal })),
    refetchInterval: false,
  });
}

/** Whether a text may be the name of a vulnerability: letters, a dash, and more, as in CVE-2021-44906 or GHSA-xvch-5gv4-984h. */
export function mayBeVulnerability(text: string): boolean {
  return /^[a-z]{2,}[a-z0-9]*-[a-z0-9.:_-]{3,}$/i.test(text.trim()) && /\d/.test(text);
}

/** A part of a range as it is shown: an event, or the version that was compared with the events. */
export type Mark = { kind: "introduced" | "fixed" | "last-affected" | "limit"; version: string } | { kind: "installed"; version: string; at: boolean };

/**
 * The events of a range in their order with the installed version among them; one that is exactly an event stands before it and
 * says so. Where nothing was compared it is left out.
 */
export function marksOf(range: ExplainedRange, version: string): Mark[] {
  const marks: Mark[] = [];
  let placed = false;
  for (const event of range.events) {
    if (!placed && (event.is === "below" || event.is === "at")) {
      placed = true;
      marks.push({ kind: "installed", version, at: event.is === "at" });
    }
    marks.push({ kind: event.kind, version: event.version });
  }
  if (!placed && range.events[0]?.is !== undefined) {
    marks.push({ kind: "installed", version, at: false });
  }
  return marks;
}

const mostRanges = 3;

/** The ranges worth showing: those the version lies in where one decided, else the first that were compared. */
export function decidingRanges(source: Pick<ExplainedSource, "rule" | "ranges">): ExplainedRange[] {
  if (["withdrawn", "listed", "all-versions"].includes(source.rule)) {
    return [];
  }
  const compared = source.ranges.filter((r) => r.ordered && r.events.length > 0);
  return (source.rule === "in-range" ? compared.filter((r) => r.within) : compared).slice(0, mostRanges);
}
