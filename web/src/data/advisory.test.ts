import { describe, expect, it } from "vitest";
import { pageOf, spansOf } from "./advisory";

describe("the page of an advisory", () => {
  it.each([
    ["CVE-2021-44906", "https://nvd.nist.gov/vuln/detail/CVE-2021-44906"],
    ["GHSA-xvch-5gv4-984h", "https://github.com/advisories/GHSA-xvch-5gv4-984h"],
    ["GO-2021-0113", "https://pkg.go.dev/vuln/GO-2021-0113"],
    ["DEBIAN-CVE-2026-31789", "https://security-tracker.debian.org/tracker/CVE-2026-31789"],
    ["DSA-5678-1", "https://security-tracker.debian.org/tracker/DSA-5678-1"],
    ["UBUNTU-CVE-2024-1", "https://ubuntu.com/security/CVE-2024-1"],
    ["ALPINE-CVE-2024-1", "https://security.alpinelinux.org/vuln/CVE-2024-1"],
    ["RHSA-2024:1234", "https://access.redhat.com/errata/RHSA-2024:1234"],
    ["PYSEC-2024-1", "https://osv.dev/vulnerability/PYSEC-2024-1"],
    ["javascript:alert(1)", "https://osv.dev/vulnerability/javascript:alert(1)"],
    ["CVE-1/../../x?y", "https://nvd.nist.gov/vuln/detail/CVE-1%2F..%2F..%2Fx%3Fy"],
  ])("%s", (id, page) => {
    expect(pageOf(id)).toBe(page);
  });
});

describe("affected versions", () => {
  it("are spans between events", () => {
    expect(spansOf([{ introduced: "0" }, { fixed: "1.2.3" }])).toEqual([{ introduced: undefined, fixed: "1.2.3" }]);
    expect(spansOf([{ introduced: "1.0" }, { fixed: "1.2" }, { introduced: "2.0" }, { lastAffected: "2.4" }])).toEqual([
      { introduced: "1.0", fixed: "1.2" },
      { introduced: "2.0", last: "2.4" },
    ]);
  });

  it("may never end, and an end needs a beginning", () => {
    expect(spansOf([{ introduced: "1.0" }])).toEqual([{ introduced: "1.0" }]);
    expect(spansOf([{ fixed: "1.0" }, { limit: "2.0" }])).toEqual([]);
  });
});
