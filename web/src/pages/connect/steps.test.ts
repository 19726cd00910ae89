import { describe, expect, it } from "vitest";
import { Problem, problemFrom } from "@/data/problem";
import { another, blamed, blank, change, isAccount, nameFault, stepAfter, stepBefore, stepFor, stepOf, withClusters, type Draft } from "./steps";

const full: Draft = {
  name: "prod-eu",
  region: "custom",
  url: "https://sysdig.example.com",
  token: "secret",
  ca: "",
  apiToken: "",
  clusters: ["a", "b"],
  listedBy: "risk-spotlight",
  refused: "",
  cluster: "a",
  environment: "production",
  isNew: false,
  analyse: false,
};

describe("steps", () => {
  it("a draft that is empty begins at the name, whatever the address says", () => {
    expect(stepFor("summary", blank)).toBe("name");
    expect(stepFor(undefined, full)).toBe("name");
  });

  it("no step is passed over", () => {
    expect(stepFor("summary", full)).toBe("summary");
    expect(stepFor("summary", { ...full, environment: "" })).toBe("environment");
    expect(stepFor("environment", { ...full, cluster: " " })).toBe("cluster");
    expect(stepFor("cluster", { ...full, clusters: undefined })).toBe("account");
  });

  it("one goes back to any", () => {
    expect(stepFor("account", full)).toBe("account");
    expect(stepBefore("name")).toBeUndefined();
    expect(stepBefore("summary")).toBe("environment");
    expect(stepAfter("account")).toBe("cluster");
  });
});

describe("the draft", () => {
  it("forgets the clusters of another account, and nothing else", () => {
    expect(change(full, { token: "other" })).toEqual({ ...full, token: "other", clusters: undefined, cluster: "" });
    expect(change(full, { region: "eu1" })).toEqual({ ...full, region: "eu1", url: "", clusters: undefined, cluster: "" });
    expect(change(full, { name: "x", environment: "staging" })).toEqual({ ...full, name: "x", environment: "staging" });
    expect(change(full, { token: "secret" })).toEqual(full);
  });

  it("keeps a cluster only while it can be chosen", () => {
    expect(withClusters(full, { clusters: ["a"] }).cluster).toBe("a");
    expect(withClusters(full, { clusters: ["b"] }).cluster).toBe("");
    expect(withClusters({ ...full, cluster: "typed" }, { clusters: [] }).cluster).toBe("typed");
  });

  it("knows whose list of clusters it has, as long as the last answer says so", () => {
    const other = withClusters(full, { clusters: ["a"], listedBy: "data-sources", refused: "forbidden" });
    expect(other).toMatchObject({ listedBy: "data-sources", refused: "forbidden" });
    expect(another(other)).toMatchObject({ clusters: ["a"], listedBy: "data-sources", refused: "forbidden" });
    expect(withClusters(other, { clusters: ["a"], listedBy: "risk-spotlight" })).toMatchObject({ listedBy: "risk-spotlight", refused: "" });
  });

  it("for another cluster keeps the account", () => {
    const next = another(full);
    expect(next).toEqual({ ...blank, region: "custom", url: full.url, token: "secret", clusters: ["a", "b"], listedBy: "risk-spotlight" });
    expect(stepFor("summary", next)).toBe("name");
  });

  it.each([
    ["eu1", "", "t", true],
    ["custom", "", "t", false],
    ["custom", "sysdig.example.com", "t", true],
    ["eu1", "", " ", false],
    ["", "", "t", false],
  ])("region %j, address %j, token %j can be asked: %j", (region, url, token, can) => {
    expect(isAccount({ region, url, token, ca: "", apiToken: "" })).toBe(can);
  });

  it.each([
    ["", "form"],
    ["-x", "form"],
    ["a b", "form"],
    ["a".repeat(129), "form"],
    ["old", "taken"],
    ["new", "taken"],
    ["prod-eu.1", undefined],
  ])("the name %j: %s", (name, fault) => {
    expect(nameFault(name, ["old"])).toBe(fault);
  });
});

describe("the field to correct", () => {
  it("is the one the server names", () => {
    expect(blamed(problemFrom(422, { detail: "configure Sysdig: the token holds characters that no token has", errors: [{ location: "body.apiToken" }] }))).toBe("apiToken");
    expect(blamed(problemFrom(422, { detail: "validation failed", errors: [{ location: "body.environment", message: "expected string to match" }] }))).toBe("environment");
    expect(blamed(problemFrom(422, { detail: "validation failed", errors: [{ location: "query.name", message: "too long" }, { location: "body" }] }))).toBeUndefined();
    expect(blamed(problemFrom(503, { detail: "list clusters at Sysdig: the answer is 503" }))).toBeUndefined();
  });

  it("is none while there is nothing to do but wait", () => {
    expect(blamed(new Problem(503, "list clusters at Sysdig: too many requests", { fields: ["token"], retryAfter: 42 }))).toBeUndefined();
  });

  it("is unknown for faults", () => {
    expect(blamed(new TypeError("x"))).toBeUndefined();
    expect(blamed(new Problem(0, ""))).toBeUndefined();
  });

  it("is on a step", () => {
    expect((["name", "region", "url", "token", "cluster", "environment"] as const).map(stepOf)).toEqual([
      "name", "account", "account", "account", "cluster", "environment",
    ]);
  });
});
