import { expect, it } from "vitest";
import { isJudged, movedBy, rateOf, worstFirst, type PolicyCount, type PolicyRow } from "./policies";

const count = (compliant: number, nonCompliant: number, noData: number): PolicyCount => ({ images: compliant + nonCompliant + noData, compliant, nonCompliant, noData, violations: 0 });

const row = (name: string, now: PolicyCount, more: Partial<PolicyRow> = {}): PolicyRow => ({
  name,
  description: "",
  type: "licences",
  parameters: {},
  repositories: [],
  environments: [],
  weight: 5,
  enabled: true,
  created: "",
  changed: "",
  count: now,
  ...more,
});

it("a rate is of all that something is said of, and there is none of nothing", () => {
  expect(rateOf(count(1, 2, 1))).toBe(0.25);
  expect(rateOf(count(0, 0, 0))).toBeUndefined();
});

it.each([
  ["more meet it", count(3, 1, 0), count(1, 3, 0), 50],
  ["fewer, as less is known", count(1, 0, 3), count(4, 0, 0), -75],
  ["twice as many of twice as many", count(2, 2, 0), count(1, 1, 0), 0],
  ["a third more", count(2, 1, 0), count(1, 2, 0), 33],
  ["nothing was said before", count(1, 0, 0), count(0, 0, 0), undefined],
  ["nothing is said now", count(0, 0, 0), count(1, 0, 0), undefined],
])("moves by points: %s", (_, now, before, want) => {
  expect(movedBy({ count: now, before })).toBe(want);
});

it("did not move where there is no before", () => {
  expect(movedBy({ count: count(1, 0, 0) })).toBeUndefined();
});

it("the most broken come first, then the least known, and what is disabled last", () => {
  const rows = [row("fine", count(9, 0, 0)), row("off", count(0, 9, 0), { enabled: false }), row("unknown", count(0, 0, 5)), row("broken", count(5, 2, 0)), row("worse", count(0, 3, 0))];
  expect(worstFirst(rows).map((r) => r.name)).toEqual(["worse", "broken", "unknown", "fine", "off"]);
});

it("nothing is judged where nothing is known", () => {
  expect(isJudged(count(0, 0, 5))).toBe(false);
  expect(isJudged(count(0, 1, 4))).toBe(true);
});
