import { describe, expect, it } from "vitest";
import { matches } from "./palette-match";
import { choice, choices, flag, parseSearch, stringifySearch, text } from "./search";

describe("search parameters", () => {
  it("are written for people and read back", () => {
    const written = stringifySearch({ severity: ["critical", "high"], q: "a b&c=d", fixable: true, none: undefined, off: false, empty: "" });
    expect(written).toBe("?severity=critical,high&q=a%20b%26c%3Dd&fixable=true");
    const read = parseSearch(written);
    expect(choices(read.severity, ["critical", "high", "low"])).toEqual(["critical", "high"]);
    expect(text(read.q)).toBe("a b&c=d");
    expect(flag(read.fixable)).toBe(true);
    expect(stringifySearch({})).toBe("");
  });

  it("forget what they do not understand", () => {
    expect(choice("<script>", ["name", "newest"])).toBeUndefined();
    expect(choices("critical,worst", ["critical", "high"])).toEqual(["critical"]);
    expect(choices("worst", ["critical"])).toBeUndefined();
    expect(choices(7, ["critical"])).toBeUndefined();
    expect(text("x".repeat(500), 128)).toHaveLength(128);
    expect(text(["a"])).toBeUndefined();
    expect(flag("1")).toBeUndefined();
  });
});

describe("palette", () => {
  it("finds every word in any order", () => {
    expect(matches("registry.example.com/shop/Web:1.0", "web shop")).toBe(true);
    expect(matches("registry.example.com/shop/web:1.0", "web bank")).toBe(false);
    expect(matches("anything", "")).toBe(true);
  });
});
