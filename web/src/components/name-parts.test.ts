import { expect, it } from "vitest";
import { repositoryOf, shortDigest, splitName } from "./name-parts";

it.each([
  ["registry.example.com:5000/shop/web:1.0", "registry.example.com:5000/shop/", "web", ":1.0"],
  ["registry.example.com:5000/shop/web", "registry.example.com:5000/shop/", "web", ""],
  ["shop/web@sha256:ab/c", "shop/", "web", "@sha256:ab/c"],
  ["debian", "", "debian", ""],
])("%s is taken apart", (name, place, base, tag) => {
  expect(splitName(name)).toEqual({ place, base, tag });
});

it.each([
  ["registry.example.com:5000/shop/web:1.0", "registry.example.com:5000/shop/web"],
  ["docker.io/library/nginx@sha256:ab", "docker.io/library/nginx"],
  ["localhost/web:1", "localhost/web"],
  ["registry.example.com/shop/web", undefined],
  ["web.tar", undefined],
  ["/srv/images/web:1", undefined],
  ["", undefined],
])("the repository of %s is %s", (name, repository) => {
  expect(repositoryOf(name)).toBe(repository);
});

it("shortens digests with and without their algorithm", () => {
  expect(shortDigest(`sha256:${"0123456789abcdef".repeat(4)}`)).toBe("0123456789ab");
  expect(shortDigest("0123456789abcdef")).toBe("0123456789ab");
});
