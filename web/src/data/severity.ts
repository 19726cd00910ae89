import type { components } from "./schema";

export type Severity = components["schemas"]["Finding"]["severity"];
export type Counts = components["schemas"]["Summary"];

/** Worst first, the order of every list. */
export const severities: readonly Severity[] = ["critical", "high", "medium", "low", "unspecified"];

export function total(counts: Counts): number {
  return severities.reduce((sum, s) => sum + counts[s], 0);
}

export function sum(all: readonly Counts[]): Counts {
  const out: Counts = { critical: 0, high: 0, medium: 0, low: 0, unspecified: 0 };
  for (const counts of all) {
    for (const s of severities) {
      out[s] += counts[s];
    }
  }
  return out;
}
