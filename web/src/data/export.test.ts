import { describe, expect, it } from "vitest";
import { exportOf } from "./export";

describe("the address of an export", () => {
  it("carries the filters that are set and the format", () => {
    const address = exportOf("/api/v1/export/vulnerabilities", { query: { environment: "a & b", severity: ["critical", "high"], fixable: undefined } });
    const { pathname, searchParams } = new URL(address("csv"), "http://localhost");
    expect(pathname).toBe("/api/v1/export/vulnerabilities");
    expect([...searchParams]).toEqual([
      ["environment", "a & b"],
      ["severity", "critical,high"],
      ["format", "csv"],
    ]);
  });

  it("leaves out what narrows nothing", () => {
    const address = exportOf("/api/v1/export/packages", { query: { vulnerable: false, q: "", type: undefined } });
    expect(address("ndjson")).toBe("/api/v1/export/packages?format=ndjson");
    expect(exportOf("/api/v1/export/vulnerabilities", { query: { severity: [] } })("csv")).toBe("/api/v1/export/vulnerabilities?format=csv");
  });

  it("puts names into the path so that they stay one part of it", () => {
    const address = exportOf("/api/v1/export/environments/{name}/images", { path: { name: "a/b c" } });
    expect(address("csv")).toBe("/api/v1/export/environments/a%2Fb%20c/images?format=csv");
  });
});
