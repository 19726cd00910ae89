import { describe, expect, it } from "vitest";
import { changeParameters, usualSince } from "./news";

describe("changes since a time", () => {
  it("begins a week ago, at the same moment all through an hour", () => {
    const at = Date.parse("2026-03-11T10:59:59Z");
    expect(usualSince(at)).toBe("2026-03-04T10:00:00Z");
    expect(usualSince(at - 59 * 60_000)).toBe(usualSince(at));
  });

  it("asks for nothing that was not chosen, and for no moment that is none", () => {
    expect(changeParameters({ cause: [], severity: [], since: "yesterday" })).toEqual({});
    expect(changeParameters({ environment: "production", since: "2026-03-04T10:00:00Z", change: "gone", cause: ["rule changed"], severity: ["high"] })).toEqual({
      environment: "production",
      since: "2026-03-04T10:00:00Z",
      change: "gone",
      cause: ["rule changed"],
      severity: ["high"],
    });
  });
});
