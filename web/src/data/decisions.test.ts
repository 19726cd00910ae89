import { expect, it } from "vitest";
import { lastDay, listed, requestOf, type Draft } from "./decisions";

const draft: Draft = { vulnerability: " CVE-2099-1 ", type: "accepted-risk", justification: "component_not_present", image: "", repositories: "", environments: "", packages: "", text: " why ", expires: "" };

it("leaves out what narrows nothing, and the justification of what has none", () => {
  expect(requestOf(draft)).toEqual({ vulnerability: "CVE-2099-1", type: "accepted-risk", text: "why", scope: {} });
});

it("narrows by what is typed", () => {
  expect(requestOf({ ...draft, type: "false-positive", image: "r.example.com/shop/web:1", repositories: "shop/*, base/*", environments: "staging\n", packages: "pkg:npm/a\npkg:npm/b", expires: "2099-12-31" })).toEqual({
    vulnerability: "CVE-2099-1",
    type: "false-positive",
    justification: "component_not_present",
    text: "why",
    expires: "2099-12-31",
    scope: { image: "r.example.com/shop/web:1", repositories: ["shop/*", "base/*"], environments: ["staging"], packages: ["pkg:npm/a", "pkg:npm/b"] },
  });
});

it("parts lists by lines and commas", () => {
  expect(listed(" a,b\n\n c ")).toEqual(["a", "b", "c"]);
});

it("tells the last day on which something holds", () => {
  expect(lastDay("2027-01-02T00:00:00Z")).toBe("2027-01-01");
  expect(lastDay("2027-01-01T12:00:00Z")).toBe("2027-01-01");
});
