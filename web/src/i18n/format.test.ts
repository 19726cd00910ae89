import { describe, expect, it } from "vitest";
import { bytes, duration, goDuration, relative, days } from "./format";

describe("relative", () => {
  const now = new Date("2026-06-15T12:00:00Z");
  it.each([
    ["2026-06-15T11:59:30Z", "now"],
    ["2026-06-15T11:55:00Z", "5 minutes ago"],
    ["2026-06-15T12:59:59Z", "in 59 minutes"],
    ["2026-06-14T11:00:00Z", "yesterday"],
    ["2026-06-01T12:00:00Z", "2 weeks ago"],
    ["2025-06-01T12:00:00Z", "last year"],
  ])("%s is %s", (at, want) => {
    expect(relative(new Date(at), now, "en")).toBe(want);
  });

  it("speaks the language", () => {
    expect(relative(new Date("2026-06-15T11:55:00Z"), now, "zh-CN")).toBe("5分钟前");
  });
});

describe("bytes", () => {
  it.each([
    [0, "0 bytes"],
    [999, "999 bytes"],
    [1500, "1.5 kB"],
    [844_000, "844 kB"],
    [1_234_567_890, "1.2 GB"],
  ])("%d is %s", (n, want) => {
    expect(bytes(n, "en")).toBe(want);
  });
});

describe("durations", () => {
  it.each([
    ["5m0s", 300, "5 minutes"],
    ["1h0m0s", 3600, "1 hour"],
    ["1h30m0s", 5400, "90 minutes"],
    ["45s", 45, "45 seconds"],
    ["500ms", 0.5, "0.5 seconds"],
  ])("%s is %d seconds", (text, seconds, said) => {
    expect(goDuration(text)).toBe(seconds);
    expect(duration(seconds, "en")).toBe(said);
  });
});

describe("days", () => {
  it.each([
    [12.4, "en", "12 days"],
    [1.5, "en", "1.5 days"],
    [1, "zh-CN", "1天"],
    [0.5, "en", "12 hours"],
    [0.02, "en", "29 minutes"],
    [0, "en", "1 minute"],
  ])("writes %d in %s as %s", (n, language, text) => {
    expect(days(n, language)).toBe(text);
  });
});
