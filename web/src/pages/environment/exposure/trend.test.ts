import { describe, expect, it } from "vitest";
import type { ExposureDay } from "@/data/exposure";
import { roundUp, stepsOf, trendOf } from "./trend";

const counts = (critical: number, low: number) => ({ critical, high: 0, medium: 0, low, unspecified: 0 });
const day: ExposureDay = { date: "2026-01-31", open: counts(2, 5), opened: counts(1, 1), remediated: counts(0, 4), unwatched: counts(0, 0) };

describe("trendOf", () => {
  it("counts all severities when none is chosen", () => {
    expect(trendOf([day], [])).toEqual([{ date: "2026-01-31", open: 7, opened: 2, remediated: 4 }]);
  });

  it("counts those that are", () => {
    expect(trendOf([day], ["critical", "high"])).toEqual([{ date: "2026-01-31", open: 2, opened: 1, remediated: 0 }]);
  });
});

describe("roundUp", () => {
  it.each([
    [0, 1],
    [1, 1],
    [3, 5],
    [5, 5],
    [6, 10],
    [10, 10],
    [11, 20],
    [101, 200],
    [999, 1000],
  ])("takes %i to %i", (n, most) => {
    expect(roundUp(n)).toBe(most);
  });
});

describe("stepsOf", () => {
  it("holds each value for the width of its day", () => {
    expect(stepsOf([0, 5, 10], 10, 100)).toBe("M0 100H1L1 50H2L2 0H3");
  });

  it("is empty without values", () => {
    expect(stepsOf([], 10, 100)).toBe("");
  });
});
