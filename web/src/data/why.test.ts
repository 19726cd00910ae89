import { describe, expect, it } from "vitest";
import { decidingRanges, marksOf, mayBeVulnerability, type ExplainedRange } from "./why";

type Is = "below" | "at" | "above" | undefined;
const range = (events: [ExplainedRange["events"][number]["kind"], string, Is][], more: Partial<ExplainedRange> = {}): ExplainedRange => ({
  type: "ECOSYSTEM",
  ordered: true,
  within: false,
  events: events.map(([kind, version, is]) => (is === undefined ? { kind, version } : { kind, version, is })),
  ...more,
});
const told = (r: ExplainedRange) => marksOf(r, "1.5").map((m) => `${m.kind === "installed" && m.at ? "= " : ""}${m.kind} ${m.version}`);

describe("the installed version stands among the events of a range", () => {
  it.each([
    ["before all", range([["introduced", "2", "below"], ["fixed", "3", "below"]]), ["installed 1.5", "introduced 2", "fixed 3"]],
    ["between", range([["introduced", "0", "above"], ["fixed", "2", "below"]]), ["introduced 0", "installed 1.5", "fixed 2"]],
    ["at an event", range([["introduced", "0", "above"], ["fixed", "1.5", "at"], ["introduced", "2", "below"]]), ["introduced 0", "= installed 1.5", "fixed 1.5", "introduced 2"]],
    ["after all", range([["introduced", "0", "above"], ["fixed", "1", "above"]]), ["introduced 0", "fixed 1", "installed 1.5"]],
    ["nowhere, if nothing was compared", range([["introduced", "abc", undefined]]), ["introduced abc"]],
  ])("%s", (_, r, want) => {
    expect(told(r)).toEqual(want);
  });
});

describe("of many ranges those are shown that decided", () => {
  const inside = range([["introduced", "0", "above"]], { within: true });
  const outside = range([["introduced", "2", "below"]]);
  const commits = range([["introduced", "abc", undefined]], { ordered: false });
  it.each([
    ["in-range", [outside, inside], [inside]],
    ["outside-ranges", [outside, outside, outside, outside, commits], [outside, outside, outside]],
    ["withdrawn", [inside], []],
    ["listed", [inside], []],
    ["ranges-not-ordered", [commits], []],
  ] as const)("%s", (rule, ranges, want) => {
    expect(decidingRanges({ rule, ranges: [...ranges] })).toEqual(want);
  });
});

it.each([
  ["CVE-2021-44906", true],
  [" ghsa-xvch-5gv4-984h ", true],
  ["DSA-5764-1", true],
  ["openssl", false],
  ["node-fetch", false],
  ["CVE", false],
])("%s is taken for a name of a vulnerability: %s", (text, is) => {
  expect(mayBeVulnerability(text)).toBe(is);
});
