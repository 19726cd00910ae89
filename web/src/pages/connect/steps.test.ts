import { describe, expect, it } from "vitest";
import { Problem } from "@/data/problem";
import { another, blamed, blank, change, isAccount, nameFault, stepAfter, stepBefore, stepFor, stepOf, withClusters, type Draft } from "./steps";

const full: Draft = {
  name: "prod-eu",
  region: "custom",
  url: "https://sysdig.example.com",
  token: "secret",
  ca: "",
  apiToken: "",
  clusters: ["a", "b"],
  cluster: "a",
  environment: "production",
  isNew: false,
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
    expect(withClusters(full, ["a"]).cluster).toBe("a");
    expect(withClusters(full, ["b"]).cluster).toBe("");
    expect(withClusters({ ...full, cluster: "typed" }, []).cluster).toBe("typed");
  });

  it("for another cluster keeps the account", () => {
    const next = another(full);
    expect(next).toEqual({ ...blank, region: "custom", url: full.url, token: "secret", clusters: ["a", "b"] });
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
  it.each([
    [502, "list clusters at Sysdig: unauthorized", "eu1", "token"],
    [503, "list clusters at Sysdig: connection refused", "custom", "url"],
    [503, "list clusters at Sysdig: timeout", "us1", "region"],
    [422, "configure Sysdig: the token is missing", "eu1", "token"],
    [422, "configure Sysdig: region custom needs an address", "custom", "url"],
    [422, "read Sysdig address: it is no URL with a host", "custom", "url"],
    [422, "read region xx: there is no such region (use us1 or custom with an address)", "xx", "region"],
    [422, "find cluster x: Sysdig reports a, b", "eu1", "cluster"],
    [422, "read certificates: there is no certificate in it", "custom", "ca"],
    [503, "list clusters at Sysdig: the certificate is signed by an unknown authority", "custom", "ca"],
    [502, "read names of images at Sysdig: unauthorized", "eu1", "apiToken"],
    [409, "create integration prod-eu: conflict", "eu1", "name"],
    [500, "something went wrong", "eu1", undefined],
  ])("%d %s", (status, words, region, field) => {
    expect(blamed(new Problem(status, words), region)).toBe(field);
  });

  it("is the one the server names", () => {
    expect(blamed(new Problem(422, "validation failed", ["body.environment: expected string to match"]), "eu1")).toBe("environment");
  });

  it("is none while there is nothing to do but wait", () => {
    expect(blamed(new Problem(503, "list clusters at Sysdig: too many requests", [], 42), "eu1")).toBeUndefined();
  });

  it("is unknown for faults", () => {
    expect(blamed(new TypeError("x"), "eu1")).toBeUndefined();
    expect(blamed(new Problem(0, ""), "eu1")).toBeUndefined();
  });

  it("is on a step", () => {
    expect((["name", "region", "url", "token", "cluster", "environment"] as const).map(stepOf)).toEqual([
      "name", "account", "account", "account", "cluster", "environment",
    ]);
  });
});
