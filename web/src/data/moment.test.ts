import { describe, expect, it } from "vitest";
import { daysBefore, daysBetween, fromField, moment, toField, written } from "./moment";

describe("moment", () => {
  it("reads what it writes", () => {
    const at = new Date("2026-03-01T12:00:05.678Z");
    expect(written(at)).toBe("2026-03-01T12:00:05Z");
    expect(moment(written(at))).toEqual(new Date("2026-03-01T12:00:05Z"));
  });

  it.each(["", "yesterday", "2026-03-01", "2026-03-01T12:00:00", "2026-02-31T12:00:00Z", "2026-13-01T12:00:00Z", "2026-03-01T25:00:00Z"])("takes %j for none", (text) => {
    expect(moment(text)).toBeUndefined();
  });
});

describe("fields", () => {
  it("hold a moment to the minute", () => {
    const at = new Date(2026, 0, 2, 3, 4, 59);
    expect(toField(at)).toBe("2026-01-02T03:04");
    expect(fromField(toField(at))).toEqual(new Date(2026, 0, 2, 3, 4));
  });

  it.each(["", "2026-01-02", "T03:04"])("that hold %j are not filled in", (value) => {
    expect(fromField(value)).toBeUndefined();
  });
});

describe("days", () => {
  const end = new Date("2026-03-01T12:00:00Z");

  it("have fractions and are never less than none", () => {
    expect(daysBetween(new Date("2026-02-28T00:00:00Z"), end)).toBe(1.5);
    expect(daysBetween(end, new Date("2026-02-28T00:00:00Z"))).toBe(0);
  });

  it("go back over the end of a month", () => {
    expect(daysBefore(end, 2)).toEqual(new Date("2026-02-27T12:00:00Z"));
  });
});
