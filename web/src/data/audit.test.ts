import { describe, expect, it } from "vitest";
import { auditParameters, isDay } from "./audit";

describe("days of the audit log", () => {
  it("begin and end at midnight where the person is, the last one included", () => {
    expect(auditParameters({ from: "2026-01-30", to: "2026-01-31" })).toEqual({
      from: new Date(2026, 0, 30).toISOString(),
      until: new Date(2026, 1, 1).toISOString(),
    });
  });

  it("may be open to either side", () => {
    expect(auditParameters({ to: "2026-12-31" })).toEqual({ until: new Date(2027, 0, 1).toISOString() });
    expect(auditParameters({ actor: "", action: "token." })).toEqual({ action: "token." });
  });

  it.each(["", "2026-02-30", "2026-13-01", "yesterday", "2026-1-1"])("%s is none", (text) => {
    expect(isDay(text)).toBe(false);
  });

  it("are days of leap years too", () => {
    expect(isDay("2028-02-29")).toBe(true);
  });
});
