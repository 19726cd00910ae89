import { expect, test } from "vitest";
import type { Registry } from "@/data/push";
import { changeOf, draftOf, needsSecret } from "./draft";

const registry: Registry = {
  name: "hub", kind: "gitlab", host: "registry.example.com", credentials: true, identity: false, repositories: [], include: ["team/*"], exclude: [], enable: ["team/prod-*", "team/web"],
  interval: "5m0s", state: "connected", found: 3, enabled: 1, hook: false, api: "https://git.example.com",
};

test("what stays is not sent", () => {
  expect(changeOf(registry, draftOf(registry))).toEqual({});
});

test("lists are read as people type them, and can be emptied", () => {
  const draft = { ...draftOf(registry), enable: "", exclude: "team/tmp-*,\nteam/old", interval: 60 };
  expect(changeOf(registry, draft)).toEqual({ enable: [], exclude: ["team/tmp-*", "team/old"], interval: "60s" });
});

test("another address takes the secret with it, where there is one", () => {
  const draft = { ...draftOf(registry), api: "https://other.example.com", secret: " s3cret " };
  expect(needsSecret(registry, draft)).toBe(true);
  expect(changeOf(registry, draft)).toEqual({ api: "https://other.example.com", secret: "s3cret" });
  expect(changeOf({ ...registry, credentials: false }, draft)).toEqual({ api: "https://other.example.com" });
  expect(changeOf(registry, { ...draftOf(registry), ca: " pem\n", secret: "s" })).toEqual({ ca: "pem", secret: "s" });
  expect(changeOf({ ...registry, credentials: false }, { ...draftOf(registry), dropsCa: true })).toEqual({ ca: "" });
  expect(changeOf(registry, { ...draftOf(registry), secret: "typed, and then not needed" })).toEqual({});
});
