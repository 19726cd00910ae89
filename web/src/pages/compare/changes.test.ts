import { describe, expect, it } from "vitest";
import type { FindingChange } from "@/data/compare";
import { countChanges, packageOf, shows, tagOf, versions } from "./changes";

const found: FindingChange = {
  change: "unchanged",
  worse: true,
  finding: {
    id: "CVE-2099-1",
    aliases: ["GHSA-x"],
    severity: "high",
    cvss: null,
    fixedVersion: null,
    inUse: "not-seen",
    kev: null,
    epss: null,
    package: { name: "libssl3", version: "3.0.2", purl: "", type: "deb", source: "openssl" },
  },
  was: { severity: "low", package: { name: "libssl1.1", version: "1.1.1", purl: "", type: "deb", source: "openssl" } },
};

const all = { change: [], severity: [], q: "" };

describe("findings that changed", () => {
  it.each([
    [all, true],
    [{ ...all, change: ["unchanged" as const] }, true],
    [{ ...all, change: ["new" as const, "fixed" as const] }, false],
    [{ ...all, severity: ["high" as const] }, true],
    [{ ...all, severity: ["low" as const] }, true],
    [{ ...all, severity: ["critical" as const] }, false],
    [{ ...all, q: "LIBSSL3" }, true],
    [{ ...all, q: "ghsa" }, true],
    [{ ...all, q: "zlib" }, false],
  ])("are shown by %j: %s", (filter, want) => {
    expect(shows(found, filter)).toBe(want);
  });

  it("are counted", () => {
    expect(countChanges([found, { ...found, change: "new" }, { ...found, change: "new" }])).toEqual({ new: 2, fixed: 0, unchanged: 1 });
  });

  it("name what their package was", () => {
    expect(packageOf(found)).toEqual({ name: "libssl3", version: "3.0.2 (libssl1.1 1.1.1)" });
    expect(packageOf({ change: "new", worse: true, finding: found.finding })).toEqual({ name: "libssl3", version: "3.0.2" });
    const { finding } = found;
    expect(packageOf({ ...found, was: { severity: "high", package: { ...finding.package, version: "3.0.1" } } })).toEqual({ name: "libssl3", version: "3.0.1 → 3.0.2" });
    expect(packageOf({ ...found, was: { severity: "low", package: finding.package } })).toEqual({ name: "libssl3", version: "3.0.2" });
  });
});

it("writes versions from before to after", () => {
  expect(versions({ before: null, after: "1" })).toBe("1");
  expect(versions({ before: "1", after: null })).toBe("1");
  expect(versions({ before: "1", after: "2" })).toBe("1 → 2");
  expect(versions({ before: "1", after: "1" })).toBe("1");
});

it("names an image by what follows its repository", () => {
  const digest = `sha256:${"a".repeat(64)}`;
  expect(tagOf("r/web", "r/web:1.2", digest)).toBe("1.2");
  expect(tagOf("r/web", `r/web@${digest}`, digest)).toBe("aaaaaaaaaaaa");
  expect(tagOf("localhost:5000/web", "localhost:5000/web:1", digest)).toBe("1");
});
