import { render } from "@testing-library/react";
import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { beforeAll, describe, expect, it } from "vitest";
import type { Saying } from "@/data/policies";
import en from "./en.json";
import { usePolicyWords } from "./policy";
import zh from "./zh-CN.json";

beforeAll(async () => {
  await i18next.use(initReactI18next).init({ lng: "zh-CN", interpolation: { escapeValue: false }, resources: { en: { translation: en }, "zh-CN": { translation: zh } } });
});

const own = "the server's own words";

function Said({ says, mends }: { says?: Saying[]; mends?: Saying }) {
  const words = usePolicyWords();
  return says ? words.says(says, own) : words.mends(mends, own);
}

function said(of: { says?: Saying[]; mends?: Saying }): string {
  return render(<Said {...of} />).container.textContent;
}

describe("what policies say", () => {
  it.each([
    [{ says: [{ code: "root", values: { user: "0" } }] }, "它声明以 root 运行：0"],
    [{ says: [{ code: "violations", values: { count: "3" } }] }, "3 处违规"],
    [{ says: [{ code: "no-sbom" }, { code: "unread", values: { count: "1" } }] }, "它没有 SBOM 证明；1 份证明无法读取"],
    [{ mends: { code: "upgrade", values: { name: "openssl", fixedVersion: "3.0.2" } } }, "将 openssl 升级到 3.0.2 或更高版本"],
  ] satisfies [{ says?: Saying[]; mends?: Saying }, string][])("%j is said in the reader's language", (of, want) => {
    expect(said(of)).toBe(want);
  });

  it("is left to the server where a sentence is not known, or is somebody else's", () => {
    expect(said({ says: [{ code: "no-sbom" }, { code: "one of tomorrow" }] })).toBe(own);
    expect(said({ says: [] })).toBe(own);
    expect(said({ mends: { code: "one of tomorrow" } })).toBe(own);
    expect(said({})).toBe(own);
  });
});
