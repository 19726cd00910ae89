import { expect, it } from "vitest";
import { roomFor } from "./narrow";

it("adds up what columns take", () => {
  expect(roomFor([undefined, "12rem", "clamp(9.5rem, 30cqi, 16.5rem)", "32%"])).toBe(14 + 12 + 13 + 10);
});

it("is never less than columns of the second priority need", () => {
  expect(roomFor(["4rem", "4rem"])).toBe(36);
});
