import { describe, expect, it } from "vitest";
import type { Finding } from "@/data/images";
import { count, groupByPackage, passes } from "./groups";

function finding(id: string, name: string, more: Partial<Finding> = {}): Finding {
  return {
    id,
    aliases: [],
    package: { purl: `pkg:deb/debian/${name}@1`, name, version: "1", type: "deb", source: "" },
    severity: "low",
    cvss: null,
    fixedVersion: null,
    inUse: "not-observed",
    kev: null,
    epss: null,
    ...more,
  };
}

const all = { severity: [], use: undefined, fixable: false, kev: false, q: "" };

describe("groups", () => {
  it("show what is in use first, then what is worse", () => {
    const groups = groupByPackage([
      finding("CVE-1", "idle", { severity: "critical", inUse: "not-seen" }),
      finding("CVE-2", "unknown", { severity: "high" }),
      finding("CVE-3", "loaded", { severity: "low", inUse: "in-use" }),
      finding("CVE-4", "worse", { severity: "critical" }),
    ]);
    expect(groups.map((g) => g.package.name)).toEqual(["loaded", "worse", "unknown", "idle"]);
  });

  it("show what is exploited before what is worse", () => {
    const kev = { added: "2026-03-01", ransomware: false, vendor: "", product: "", name: "", action: "" };
    const findings = [
      finding("CVE-1", "idle", { severity: "critical" }),
      finding("CVE-2", "exploited", { severity: "high" }),
      finding("CVE-3", "exploited", { severity: "low", kev }),
      finding("CVE-4", "loaded", { inUse: "in-use" }),
    ];
    expect(groupByPackage(findings).flatMap((g) => g.findings.map((f) => f.id))).toEqual(["CVE-4", "CVE-3", "CVE-2", "CVE-1"]);
    expect(findings.filter((f) => passes(f, { ...all, kev: true })).map((f) => f.id)).toEqual(["CVE-3"]);
  });

  it("sort findings by severity, score and name, and count them", () => {
    const score = (n: number) => ({ version: "3.1", score: n, vector: "" });
    const [group] = groupByPackage([
      finding("CVE-3", "a"),
      finding("CVE-2", "a", { severity: "high", cvss: score(7.1) }),
      finding("CVE-1", "a", { severity: "high", cvss: score(8.8) }),
      finding("CVE-0", "a"),
    ]);
    expect(group?.findings.map((f) => f.id)).toEqual(["CVE-1", "CVE-2", "CVE-0", "CVE-3"]);
    expect(group?.counts).toEqual({ critical: 0, high: 2, medium: 0, low: 2, unspecified: 0 });
  });
});

describe("filters", () => {
  const f = finding("CVE-2026-1", "libssl3", { severity: "high", aliases: ["GHSA-x"], inUse: "in-use" });
  it.each([
    ["none", all, true],
    ["its severity", { ...all, severity: ["high"] as const }, true],
    ["another severity", { ...all, severity: ["critical"] as const }, false],
    ["its use", { ...all, use: "in-use" as const }, true],
    ["another use", { ...all, use: "not-seen" as const }, false],
    ["fixable", { ...all, fixable: true }, false],
    ["an alias", { ...all, q: "ghsa" }, true],
    ["a package", { ...all, q: "SSL" }, true],
    ["another word", { ...all, q: "zlib" }, false],
  ])("by %s", (_name, filter, want) => {
    expect(passes(f, filter)).toBe(want);
  });

  it("count nothing twice", () => {
    expect(count([f, f, finding("CVE-3", "b")])).toEqual({ critical: 0, high: 2, medium: 0, low: 1, unspecified: 0 });
  });
});
