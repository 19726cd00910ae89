import { QueryClient } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { follow, keysOf, pollEvery } from "./events";

/** The browser's stream, of which the test is the server. */
class Stream extends EventTarget {
  static all: Stream[] = [];
  closed = false;
  constructor(readonly url: string) {
    super();
    Stream.all.push(this);
  }
  close() {
    this.closed = true;
  }
  say(type: string, ...resources: string[]) {
    this.dispatchEvent(new MessageEvent(type, { data: JSON.stringify({ resources }) }));
  }
  fail() {
    this.dispatchEvent(new Event("error"));
  }
}

function visible(is: boolean) {
  vi.spyOn(document, "visibilityState", "get").mockReturnValue(is ? "visible" : "hidden");
  document.dispatchEvent(new Event("visibilitychange"));
}

function last(): Stream {
  const stream = Stream.all.at(-1);
  if (!stream) {
    throw new Error("no stream was opened");
  }
  return stream;
}

let client: QueryClient;
let stop: () => void;

function stale(...key: unknown[]): boolean | undefined {
  return client.getQueryState(key)?.isInvalidated;
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, "random").mockReturnValue(0.5);
  vi.stubGlobal("EventSource", Stream);
  Stream.all = [];
  client = new QueryClient();
  for (const key of [["integrations", "list"], ["images", "list", {}], ["version"]]) {
    client.setQueryData(key, []);
  }
  visible(true);
  stop = follow(client);
});

afterEach(() => {
  stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

it("what changed is asked for again, and nothing else", () => {
  expect(last().url).toBe("/api/v1/events");
  last().say("ready", "integrations", "images");
  last().say("changed", "integrations");
  last().say("changed", "integrations", "of-a-newer-server");
  expect(stale("integrations", "list")).toBe(false);
  vi.advanceTimersByTime(1_500);
  expect(stale("integrations", "list")).toBe(true);
  expect(stale("images", "list", {})).toBe(false);
  expect(stale("version")).toBe(false);
});

it("the first word of a stream is news only after a time without one", () => {
  last().say("ready", "images");
  vi.advanceTimersByTime(2_000);
  expect(stale("images", "list", {})).toBe(false);
  last().fail();
  vi.advanceTimersByTime(1_000);
  last().say("ready", "images");
  vi.advanceTimersByTime(1_500);
  expect(stale("images", "list", {})).toBe(true);
});

it("waits longer after each failure, a minute at most, and anew after a success", () => {
  const waits: number[] = [];
  for (let i = 0; i < 8; i++) {
    last().fail();
    expect(last().closed).toBe(true);
    const before = Stream.all.length;
    let waited = 0;
    while (Stream.all.length === before) {
      vi.advanceTimersByTime(1_000);
      waited++;
    }
    waits.push(waited);
  }
  expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
  last().say("ready");
  last().fail();
  const before = Stream.all.length;
  vi.advanceTimersByTime(1_000);
  expect(Stream.all.length).toBe(before + 1);
});

it("pages ask often only while there is no stream", () => {
  expect(pollEvery(5_000)).toBe(5_000);
  last().say("ready");
  expect(pollEvery(5_000)).toBe(30_000);
  last().fail();
  expect(pollEvery(5_000)).toBe(5_000);
});

it("a hidden tab does not listen", () => {
  visible(false);
  expect(last().closed).toBe(true);
  vi.advanceTimersByTime(120_000);
  expect(Stream.all).toHaveLength(1);
  visible(true);
  expect(Stream.all).toHaveLength(2);
  expect(last().closed).toBe(false);
});

it("listens to one stream and ends it", () => {
  visible(true);
  expect(Stream.all).toHaveLength(1);
  stop();
  expect(last().closed).toBe(true);
  visible(false);
  visible(true);
  expect(Stream.all).toHaveLength(1);
});

it("a long list is not fetched again part by part", async () => {
  const fetched = vi.fn().mockResolvedValue({ items: [] });
  client.setQueryData(["images", "long"], { pages: [1, 2, 3, 4], pageParams: [] });
  const { QueryObserver } = await import("@tanstack/react-query");
  const off = new QueryObserver(client, { queryKey: ["images", "long"], queryFn: fetched, staleTime: Infinity }).subscribe(() => undefined);
  last().say("changed", "images");
  vi.advanceTimersByTime(1_500);
  expect(stale("images", "long")).toBe(true);
  expect(fetched).not.toHaveBeenCalled();
  off();
});

it("everything that is shown is told of", () => {
  expect(keysOf(["environments"])).toContain("coverage");
  expect(keysOf(["advisories"])).toContain("vulnerabilities");
  expect(keysOf(["nothing"]).size).toBe(0);
});
