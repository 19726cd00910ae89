import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { noteServerTime, serverNow } from "./clock";

const noon = Date.parse("2026-03-01T12:00:00Z");
const header = (at: number) => new Date(at).toUTCString();

beforeEach(() => {
  vi.useFakeTimers({ now: noon });
});

afterEach(() => {
  noteServerTime(header(noon));
  vi.useRealTimers();
});

it.each([0, -3_600_000, 86_400_000])("the server's time is known to the second where the clock here is wrong by %d ms", (wrong) => {
  noteServerTime(header(noon - wrong));
  expect(Math.abs(serverNow() - (noon - wrong))).toBeLessThan(1000);
});

it("runs on without being told, and does not jump when it is told again", () => {
  noteServerTime(header(noon + 60_000));
  const before = serverNow();
  vi.advanceTimersByTime(2_400);
  expect(serverNow()).toBe(before + 2_400);
  noteServerTime(header(noon + 62_000));
  expect(serverNow()).toBe(before + 2_400);
});

it("learns nothing from what is no date", () => {
  const before = serverNow();
  noteServerTime(null);
  noteServerTime("soon");
  expect(serverNow()).toBe(before);
});
