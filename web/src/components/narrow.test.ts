import { expect, it, vi } from "vitest";
import { leaving, roomFor, roomsFor, severityWidth } from "./narrow";

it("adds up what columns take", () => {
  expect(roomFor([undefined, undefined, "20rem"])).toBe(44);
  expect(roomFor([undefined, "22rem", "25%"])).toBe(45.5); // three quarters of it are 34
  expect(roomFor([undefined, "22rem", severityWidth])).toBe(42.5);
});

it("takes a width between two bounds as the browser does", () => {
  expect(roomFor([undefined, "23.5rem", "clamp(5rem, 50cqi, 8rem)"])).toBe(43.5);
  expect(roomFor([undefined, "23.5rem", "clamp(5rem, 1cqi, 8rem)"])).toBe(40.5);
});

it("lets one column give way after the other, the least important and the last first", () => {
  const columns = [{}, { width: "20rem", priority: 2 }, { width: "10rem", priority: 3 }, { width: "8rem", priority: 2 }, { width: "5rem" }] as const;
  expect(leaving(columns)).toEqual([2, 3, 1]);
  expect(roomsFor(columns)).toEqual([55, 45, 37]);
});

it("is never less than what only wide windows have", () => {
  expect(roomFor(["4rem", "4rem"])).toBe(36);
});

it("complains of columns that no table has room for", () => {
  const complain = vi.spyOn(console, "error").mockImplementation(() => undefined);
  roomFor([undefined, "95cqi"]);
  expect(complain).toHaveBeenCalledOnce();
  complain.mockRestore();
});
