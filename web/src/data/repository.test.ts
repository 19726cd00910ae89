import { expect, test } from "vitest";
import { nameOf, placeOf } from "./repository";

test.each(["registry.example.com:5000/shop/web", "docker.io/library/nginx", "ghcr.io/a/b/c"])("%s is the same after it was in an address", (name) => {
  expect(nameOf(placeOf(name))).toBe(name);
});
