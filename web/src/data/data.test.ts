import { describe, expect, it } from "vitest";
import type { Integration } from "./integrations";
import { kindOf, Problem, problemFrom } from "./problem";
import { given } from "./query";
import { isStale, needsCare } from "./staleness";

describe("problems", () => {
  it("take the server's words", () => {
    const p = problemFrom(422, { title: "Unprocessable Entity", detail: "no such sort", errors: [{ location: "query.sort", message: "wrong" }, {}] });
    expect([p.status, p.message, p.parts]).toEqual([422, "no such sort", ["query.sort: wrong"]]);
  });

  it("name the fields to correct, also within others", () => {
    const p = problemFrom(422, { errors: [{ location: "body.parameters.patterns" }, { location: "body.scopes[0]" }, { location: "query.sort" }] });
    expect(p.fields).toEqual(["parameters.patterns", "scopes"]);
  });

  it("name what went wrong with others, as far as this dashboard knows it", () => {
    expect(problemFrom(502, { type: "urn:crowsnest:problem:token-refused" }).fault).toBe("token-refused");
    expect(problemFrom(502, { type: "urn:crowsnest:problem:one-of-tomorrow" }).fault).toBeUndefined();
    expect(problemFrom(502, { type: "about:blank" }).fault).toBeUndefined();
    expect(problemFrom(502, {}).fault).toBeUndefined();
  });

  it("survive answers of others", () => {
    expect(problemFrom(502, "<html>").message).toBe("");
    expect(problemFrom(502, undefined).status).toBe(502);
  });

  it.each([
    [0, "unreachable"],
    [401, "signed-out"],
    [403, "forbidden"],
    [404, "missing"],
    [422, "refused"],
    [500, "broken"],
  ])("%d is %s", (status, kind) => {
    expect(kindOf(new Problem(status, ""))).toBe(kind);
  });

  it("take any other error for a fault", () => {
    expect(kindOf(new TypeError("x"))).toBe("broken");
  });
});

it("a query says only what was given", () => {
  expect(given({ a: 1, b: undefined, c: "", d: 0, e: false })).toEqual({ a: 1, d: 0, e: false });
});

describe("staleness", () => {
  const now = Date.parse("2026-06-15T12:00:00Z");
  const integration = (more: Partial<Integration>): Integration => ({
    name: "eu",
    kind: "sysdig",
    region: "eu1",
    cluster: "eu",
    environment: "production",
    interval: "5m0s",
    state: "connected",
    nextSweep: "2026-06-15T12:05:00Z",
    requests: 1,
    occurrences: 1,
    analyse: false,
    hook: false,
    apiAccess: false,
    coverage: { running: 0, analysed: 0, notAnalysed: 0, failed: 0, unresolved: 0 },
    ...more,
  });

  it("begins after three intervals", () => {
    expect(isStale(integration({ lastCompleteSweep: "2026-06-15T11:45:00Z" }), now)).toBe(false);
    expect(isStale(integration({ lastCompleteSweep: "2026-06-15T11:44:59Z" }), now)).toBe(true);
    expect(isStale(integration({}), now)).toBe(false);
  });

  it("is one reason to look after an integration", () => {
    expect(needsCare(integration({ lastCompleteSweep: "2026-06-15T11:59:00Z" }), now)).toBe(false);
    expect(needsCare(integration({ state: "degraded", lastCompleteSweep: "2026-06-15T11:59:00Z" }), now)).toBe(true);
  });
});
