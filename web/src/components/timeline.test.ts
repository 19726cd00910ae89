import { describe, expect, it } from "vitest";
import { beginOf, layOut, least } from "./timeline";

const from = Date.UTC(2026, 0, 1);
const to = Date.UTC(2026, 0, 11);
const at = (day: number) => new Date(Date.UTC(2026, 0, day)).toISOString();

describe("layOut", () => {
  it("places pieces by their share of the whole", () => {
    expect(layOut([{ since: at(2), until: at(4) }], from, to)).toEqual([{ start: 10, length: 20, cut: false }]);
  });

  it("lets what lasts reach the end", () => {
    expect(layOut([{ since: at(6), until: null }], from, to)).toEqual([{ start: 50, length: 50, cut: false }]);
  });

  it("cuts what began before and says so", () => {
    expect(layOut([{ since: "2025-12-01T00:00:00Z", until: at(2) }], from, to)).toEqual([{ start: 0, length: 10, cut: true }]);
  });

  it("leaves out what lies outside", () => {
    expect(layOut([{ since: "2025-12-01T00:00:00Z", until: "2025-12-02T00:00:00Z" }, { since: at(20), until: null }], from, to)).toEqual([undefined, undefined]);
  });

  it("keeps the shortest visible and within the whole", () => {
    const [place] = layOut([{ since: at(11), until: null }], from, to);
    expect(place).toEqual({ start: 100 - least, length: least, cut: false });
  });
});

describe("beginOf", () => {
  it("leaves a margin before the first piece", () => {
    expect(beginOf([{ since: at(6), until: null }, { since: at(1), until: at(2) }], to)).toBe(from - (to - from) * 0.04);
  });

  it("never shows less than an hour", () => {
    expect(beginOf([{ since: at(11), until: null }], to)).toBe(to - 3_600_000);
    expect(beginOf([], to)).toBe(to - 3_600_000);
  });
});
