import { expect, it } from "vitest";
import { roomFor } from "./narrow";

it("adds up what columns take", () => {
  expect(roomFor([undefined, undefined, "12rem"])).toBe(41);
  expect(roomFor([undefined, "20rem", "25%"])).toBe(46); // three quarters of it are 34.5
});

it("takes a width between two bounds as the browser does", () => {
  expect(roomFor([undefined, "20rem", "clamp(5rem, 50cqi, 8rem)"])).toBe(42.5);
  expect(roomFor([undefined, "20rem", "clamp(5rem, 1cqi, 8rem)"])).toBe(39.5);
});

it("is never less than columns of the second priority need", () => {
  expect(roomFor(["4rem", "4rem"])).toBe(36);
});
