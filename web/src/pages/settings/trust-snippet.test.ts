import { describe, expect, it } from "vitest";
import { forgeOf, snippetFor } from "./trust-snippet";

const server = "https://crowsnest.example.com/base";
const trust = { environment: "production", ref: "refs/heads/main", scopes: ["upload"] };

describe("forgeOf", () => {
  it.each([
    ["https://token.actions.githubusercontent.com", "github"],
    ["https://gitlab.com", "gitlab"],
    ["https://github.example.com/_services/token", "github"],
    ["https://git.example.com", "gitlab"],
  ])("takes %s for %s", (issuer, forge) => {
    expect(forgeOf(issuer)).toBe(forge);
  });
});

describe("snippetFor", () => {
  it("names the server, the environment and the branch to GitHub", () => {
    const lines = snippetFor("github", trust, server).split("\n");
    expect(lines).toContain("  id-token: write");
    expect(lines).toContain('on: { push: { branches: ["main"] } }');
    expect(lines).toContain("    environment: production");
    expect(lines).toContain(`      CROWSNEST_SERVER: ${server}`);
    expect(lines.some((l) => l.includes("/api/v1/analyses"))).toBe(true);
  });

  it("runs for tags where the ref is one, and for any push without", () => {
    expect(snippetFor("github", { ...trust, ref: "refs/tags/v*" }, server)).toContain('on: { push: { tags: ["v*"] } }');
    expect(snippetFor("github", { ...trust, ref: "" }, server)).toContain("on: push\n");
  });

  it("leaves out the environment where any will do, and quotes what YAML would misread", () => {
    expect(snippetFor("github", { ...trust, environment: "" }, server)).not.toContain("environment:");
    expect(snippetFor("gitlab", { ...trust, environment: "no" }, server)).toContain('  environment: "no"\n');
    expect(snippetFor("gitlab", { ...trust, environment: "eu: west" }, server)).toContain('  environment: "eu: west"\n');
  });

  it("takes the server for the audience of GitLab and runs for the ref only", () => {
    const text = snippetFor("gitlab", trust, server);
    expect(text).toContain(`      aud: ${server}\n`);
    expect(text).toContain('    - if: "$CI_COMMIT_BRANCH == \\"main\\""\n');
    expect(snippetFor("gitlab", { ...trust, ref: "refs/heads/release/*" }, server)).not.toContain("rules:");
  });

  it.each(["github", "gitlab"] as const)("of %s only reads where more is not let", (forge) => {
    const text = snippetFor(forge, { ...trust, scopes: ["read"] }, server);
    expect(text).toContain("/api/v1/images");
    expect(text).not.toContain("/api/v1/analyses");
  });
});
