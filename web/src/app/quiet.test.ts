import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { whenQuiet } from "./quiet";

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("requestIdleCallback", (then: () => void) => setTimeout(then, 1));
  vi.stubGlobal("cancelIdleCallback", clearTimeout);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it("waits while something is under way, and until nothing was for a while", () => {
  let busy = true;
  const then = vi.fn();
  whenQuiet(() => busy, then);
  vi.advanceTimersByTime(10_000);
  expect(then).not.toHaveBeenCalled();
  busy = false;
  vi.advanceTimersByTime(600);
  busy = true; // the next call of the same page
  vi.advanceTimersByTime(2_000);
  expect(then).not.toHaveBeenCalled();
  busy = false;
  vi.advanceTimersByTime(2_000);
  expect(then).toHaveBeenCalledOnce();
  vi.advanceTimersByTime(10_000);
  expect(then).toHaveBeenCalledOnce();
});

it("can be called off", () => {
  const then = vi.fn();
  const stop = whenQuiet(() => false, then);
  stop();
  vi.advanceTimersByTime(10_000);
  expect(then).not.toHaveBeenCalled();
});
