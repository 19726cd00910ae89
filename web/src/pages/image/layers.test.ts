import { describe, expect, it } from "vitest";
import type { Finding, Package } from "@/data/images";
import { isIn, layersByPackage, numberOf, rowsOf, type Layer } from "./layers";

const layer = (diffId: string): Layer => ({ diffId, size: 1, base: false });
const pkg = (name: string, ...layers: (string | undefined)[]): Package => ({
  name,
  purl: `pkg:deb/${name}@1`,
  type: "deb",
  version: "1",
  locations: layers.map((l) => ({ path: `${name}/${l ?? ""}`, ...(l !== undefined && { layer: l }) })),
});
const finding = (name: string, severity: Finding["severity"]): Finding => ({
  id: `CVE-${name}`,
  aliases: [],
  cvss: null,
  fixedVersion: null,
  inUse: "not-observed",
  kev: null,
  epss: null,
  severity,
  package: { name, purl: `pkg:deb/${name}@1`, source: "", type: "deb", version: "1" },
});

const packages = [pkg("one", "a"), pkg("both", "a", "b"), pkg("both", "c"), pkg("nowhere", undefined)];

describe("layers", () => {
  it("are found for each package, wherever it lies", () => {
    const found = layersByPackage(packages);
    expect([...(found.get("pkg:deb/both@1") ?? [])]).toEqual(["a", "b", "c"]);
    expect(found.get("pkg:deb/nowhere@1")?.size).toBe(0);
  });

  it("say what they hold and what is wrong with it", () => {
    const rows = rowsOf(["a", "b", "empty"].map(layer), packages, [finding("one", "low"), finding("both", "critical"), finding("nowhere", "high")]);
    expect(rows.map((r) => [r.number, r.packages, r.findings, r.counts.critical, r.counts.low])).toEqual([
      [1, 2, 2, 1, 1],
      [2, 1, 1, 1, 0],
      [3, 0, 0, 0, 0],
    ]);
  });

  it("filter packages once one is chosen", () => {
    expect(packages.filter((p) => isIn(p, undefined))).toHaveLength(4);
    expect(packages.filter((p) => isIn(p, "b")).map((p) => p.name)).toEqual(["both"]);
  });

  it("are numbered from the lowest", () => {
    expect(numberOf(["a", "b"].map(layer), "b")).toBe(2);
    expect(numberOf(["a"].map(layer), "x")).toBeUndefined();
    expect(numberOf(undefined, "a")).toBeUndefined();
  });
});
