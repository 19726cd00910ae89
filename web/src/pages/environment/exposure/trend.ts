import type { ExposureDay } from "@/data/exposure";
import { severities, type Counts, type Severity } from "@/data/severity";

/** One day of the trend, counted over the severities that are looked at. */
export interface TrendDay {
  /** In UTC, as 2026-01-31. */
  date: string;
  /** At its end. */
  open: number;
  opened: number;
  remediated: number;
}

/** The days, counted over some severities; none chosen means all. */
export function trendOf(days: readonly ExposureDay[], chosen: readonly Severity[]): TrendDay[] {
  const counted = chosen.length === 0 ? severities : chosen;
  const of = (counts: Counts) => counted.reduce((sum, s) => sum + counts[s], 0);
  return days.map((d) => ({ date: d.date, open: of(d.open), opened: of(d.opened), remediated: of(d.remediated) }));
}

/** The least round number that is not below `n`: 1, 2, 5 and their tenfolds; at least 1. */
export function roundUp(n: number): number {
  if (n <= 1) {
    return 1;
  }
  const tenfold = 10 ** Math.floor(Math.log10(n));
  return ([1, 2, 5, 10].find((step) => step * tenfold >= n) ?? 10) * tenfold;
}

/**
 * The outline of steps, one for each value, over a field as wide as there are values and
 * `height` high. Steps, as what is open changes at moments and not gradually.
 */
export function stepsOf(values: readonly number[], most: number, height: number): string {
  return values.map((value, i) => `${i === 0 ? "M" : "L"}${i} ${round(height - (value / most) * height)}H${i + 1}`).join("");
}

export function round(n: number): number {
  return Math.round(n * 1000) / 1000;
}
