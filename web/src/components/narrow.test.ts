import { expect, it, vi } from "vitest";
import { roomFor, severityWidth } from "./narrow";

it("adds up what columns take", () => {
  expect(roomFor([undefined, undefined, "20rem"])).toBe(42);
  expect(roomFor([undefined, "22rem", "25%"])).toBe(44); // three quarters of it are 33
  expect(roomFor([undefined, "22rem", severityWidth])).toBe(41.5);
});

it("takes a width between two bounds as the browser does", () => {
  expect(roomFor([undefined, "23.5rem", "clamp(5rem, 50cqi, 8rem)"])).toBe(42.5);
  expect(roomFor([undefined, "23.5rem", "clamp(5rem, 1cqi, 8rem)"])).toBe(39.5);
});

it("is never less than columns of the second priority need", () => {
  expect(roomFor(["4rem", "4rem"])).toBe(36);
});

it("complains of columns that no table has room for", () => {
  const complain = vi.spyOn(console, "error").mockImplementation(() => undefined);
  roomFor([undefined, "95cqi"]);
  expect(complain).toHaveBeenCalledOnce();
  complain.mockRestore();
});
