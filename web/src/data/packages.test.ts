import { describe, expect, it } from "vitest";
import { countsOf, vulnerabilitiesOf, type ListedVersion } from "./packages";

function version(name: string, ...vulnerabilities: ListedVersion["vulnerabilities"]): ListedVersion {
  return { version: name, purl: `pkg:npm/x@${name}`, ecosystem: "npm", source: "", images: 1, environments: [], vulnerabilities };
}

const versions = [
  version("1.0", { id: "CVE-1", severity: "medium", score: 5, fixedVersion: "1.2" }, { id: "CVE-2", severity: "high", score: 7, fixedVersion: null }),
  version("2.0", { id: "CVE-1", severity: "critical", score: 9.1, fixedVersion: "2.1" }, { id: "CVE-3", severity: "high", score: 8, fixedVersion: "2.1" }),
  // The same version from two distributions.
  version("2.0", { id: "CVE-3", severity: "high", score: 8, fixedVersion: "2.1" }),
];

describe("vulnerabilities of a package", () => {
  it("are each listed once, as bad as its worst version, worst first", () => {
    expect(vulnerabilitiesOf(versions)).toEqual([
      { id: "CVE-1", severity: "critical", score: 9.1, versions: ["1.0", "2.0"], fixedIn: ["1.2", "2.1"] },
      { id: "CVE-3", severity: "high", score: 8, versions: ["2.0"], fixedIn: ["2.1"] },
      { id: "CVE-2", severity: "high", score: 7, versions: ["1.0"], fixedIn: [] },
    ]);
  });

  it("are counted for a version", () => {
    expect(versions[0] && countsOf(versions[0])).toEqual({ critical: 0, high: 1, medium: 1, low: 0, unspecified: 0 });
  });

  it("may be none", () => {
    expect(vulnerabilitiesOf([version("1.0")])).toEqual([]);
  });
});
