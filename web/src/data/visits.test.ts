import { beforeEach, describe, expect, it } from "vitest";
import { look, visitAt } from "./visits";

const minute = 60_000;
const start = Date.UTC(2026, 0, 1);

describe("visits", () => {
  beforeEach(() => {
    localStorage.clear();
  });

  it("begin without one before", () => {
    expect(visitAt(undefined, start)).toEqual({ latest: start });
  });

  it("go on while somebody looks, and are over after a while", () => {
    const first = visitAt(undefined, start);
    const second = visitAt(first, start + 31 * minute);
    expect(second).toEqual({ before: start, latest: start + 31 * minute });
    const same = visitAt(second, start + 50 * minute);
    expect(same).toEqual({ before: start, latest: start + 50 * minute });
    expect(visitAt(same, start + 90 * minute).before).toBe(start + 50 * minute);
  });

  it("begin anew if the clock was put back", () => {
    expect(visitAt({ before: start, latest: start + minute }, start)).toEqual({ latest: start });
  });

  it("are kept for each person", () => {
    look("a", start);
    look("b", start + minute);
    expect(look("a", start + 60 * minute).before).toBe(start);
    expect(look("b", start + 2 * minute).before).toBeUndefined();
  });

  it("are read with distrust", () => {
    localStorage.setItem("crowsnest.visits", '{"a":{"latest":"x"},"b":null}');
    expect(look("a", start)).toEqual({ latest: start });
    localStorage.setItem("crowsnest.visits", "[");
    expect(look("a", start)).toEqual({ latest: start });
  });
});
