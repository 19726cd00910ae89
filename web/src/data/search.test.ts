import { expect, test } from "vitest";
import { having } from "./search";

const list = [
  { name: "Hub", host: "registry.example.com" },
  { name: "edge", host: "hub.example.org" },
  { name: "cloud", host: "ghcr.io" },
];
const names = (row: (typeof list)[number]) => [row.name, row.host];

test("a short list is searched in each of its names, in either case", () => {
  expect(having(list, "hUB", names).map((r) => r.name)).toEqual(["Hub", "edge"]);
  expect(having(list, "nobody", names)).toEqual([]);
});

test("no more are found than are shown", () => {
  expect(having(Array.from({ length: 100 }, () => list[0]), "hub", (row) => [row?.name ?? ""])).toHaveLength(6);
});
