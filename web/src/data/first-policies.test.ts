import { expect, it } from "vitest";
import en from "@/i18n/en.json";
import { firstDescribed, firstNamed, firstPolicies } from "./first-policies";

it("knows the first policies in the words of the English catalogue, which are the server's", () => {
  expect(firstPolicies).toEqual(en.policy.first);
});

it("tells what people wrote from what the server ships", () => {
  expect(firstNamed("Default non-root user")).toBe("default-non-root-user");
  expect(firstNamed("default non-root user")).toBeUndefined();
  expect(firstDescribed("The image does not run as root unless it is told to.")).toBe("default-non-root-user");
  expect(firstDescribed("")).toBeUndefined();
});
