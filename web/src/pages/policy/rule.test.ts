import { expect, it } from "vitest";
import { parametersOf, ruleOf, type Says } from "./rule";

const cases: [string, string, Record<string, unknown>, Says[]][] = [
  ["severities and no more", "fixable-vulnerabilities", { severities: ["high", "critical"], fixableOnly: false, packageTypes: [], ageDays: 0 }, [{ says: "vulnerabilities", severities: ["critical", "high"] }]],
  [
    "all that narrows",
    "fixable-vulnerabilities",
    { severities: ["low"], fixableOnly: true, packageTypes: ["deb", "npm"], ageDays: 30 },
    [{ says: "fixable", severities: ["low"] }, { says: "packageTypes", list: ["deb", "npm"] }, { says: "age", count: 30 }],
  ],
  ["a catalogue alone", "high-profile-vulnerabilities", { cves: [], excludedCves: ["CVE-1-1"], knownExploited: true }, [{ says: "exploited" }, { says: "excluded", list: ["CVE-1-1"] }]],
  ["what asks for nothing", "high-profile-vulnerabilities", { cves: [], excludedCves: ["CVE-1-1"], knownExploited: false }, [{ says: "nothing" }]],
  ["any base image", "approved-base-image", { patterns: ["*", "docker.io/*"], supportedDistributions: false }, [{ says: "anyBase" }]],
  ["some base images", "approved-base-image", { patterns: ["docker.io/*"], supportedDistributions: true }, [{ says: "patterns", list: ["docker.io/*"] }, { says: "supported" }]],
  ["no licence", "licences", { licences: [], allowedPackages: ["pkg:npm/a"] }, [{ says: "nothing" }]],
  ["a licence", "licences", { licences: ["MIT"], allowedPackages: ["pkg:npm/a"] }, [{ says: "licences", list: ["MIT"] }, { says: "allowed", list: ["pkg:npm/a"] }]],
  ["a fix for what is in use", "in-use-vulnerabilities", { severities: ["critical"], fixableOnly: true }, [{ says: "inUseFixable", severities: ["critical"] }]],
  ["grace", "overdue-vulnerabilities", { severities: ["critical"], graceDays: 1 }, [{ says: "overdue", severities: ["critical"] }, { says: "grace", count: 1 }]],
];

it.each(cases)("a policy is told in sentences: %s", (_, type, parameters, want) => {
  expect(ruleOf(type, parameters)).toEqual(want);
});

it("what a newer server asks is not made up", () => {
  expect(ruleOf("from-the-future", {})).toBeUndefined();
  expect(parametersOf({ parameters: null })).toEqual({});
});
