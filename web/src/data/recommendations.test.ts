import { expect, it } from "vitest";
import { fromOf } from "./recommendations";

it("names a base by its tag and what that names", () => {
  expect(fromOf({ reference: "r.example.com/base:1", pin: "sha256:aa", digest: "sha256:bb" })).toBe("r.example.com/base:1@sha256:aa");
  expect(fromOf({ reference: "r.example.com/base:1", digest: "sha256:bb" })).toBe("r.example.com/base:1@sha256:bb");
});
