import { describe, expect, it } from "vitest";
import en from "./en.json";
import zh from "./zh-CN.json";

/** Every text with the path that leads to it. */
function flat(catalogue: object, at = ""): Map<string, string> {
  const texts = new Map<string, string>();
  for (const [key, value] of Object.entries(catalogue) as [string, unknown][]) {
    const path = at === "" ? key : `${at}.${key}`;
    if (typeof value === "string") {
      texts.set(path, value);
    } else if (typeof value === "object" && value !== null) {
      flat(value, path).forEach((text, p) => texts.set(p, text));
    }
  }
  return texts;
}

const plural = /_(zero|one|two|few|many|other)$/;

/** The paths without the forms of plurals, which languages differ in. */
function keys(texts: Map<string, string>): string[] {
  return [...new Set([...texts.keys()].map((key) => key.replace(plural, "")))].sort();
}

function placeholders(text: string): string[] {
  return [...text.matchAll(/\{\{\s*(\w+)\s*\}\}/g)].map((m) => m[1] ?? "").sort();
}

const catalogues = { en: flat(en), "zh-CN": flat(zh) };

describe("catalogues", () => {
  it("have the same keys", () => {
    expect(keys(catalogues["zh-CN"])).toEqual(keys(catalogues.en));
    expect(catalogues.en.size).toBeGreaterThan(100);
  });

  it("have the same placeholders", () => {
    for (const [key, text] of catalogues["zh-CN"]) {
      const english = catalogues.en.get(key);
      expect([key, placeholders(text)]).toEqual([key, placeholders(english ?? "")]);
    }
  });

  it.each(["en", "zh-CN"] as const)("%s has every form its plurals need and no empty text", (language) => {
    const texts = catalogues[language];
    const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
    for (const [key, text] of texts) {
      expect([key, text.trim()]).not.toEqual([key, ""]);
      if (plural.test(key)) {
        for (const form of forms) {
          expect(texts.has(key.replace(plural, `_${form}`)), `${key} for ${form}`).toBe(true);
        }
      }
    }
  });

  it("are really translated", () => {
    // Names, which are the same in every language.
    const same = new Set(["app.name", "app.documentTitle", "analyse.example", "vulnerability.score", "connect.sysdig.name", "trusts.issuers.github", "trusts.issuers.gitlab"]);
    for (const [key, text] of catalogues["zh-CN"]) {
      if (!same.has(key)) {
        expect([key, /\p{Script=Han}|^[^\p{L}]*(\{\{\w+\}\}[^\p{L}]*)+$/u.test(text)]).toEqual([key, true]);
      }
    }
  });
});
