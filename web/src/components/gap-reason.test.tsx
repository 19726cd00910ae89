import { render } from "@testing-library/react";
import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { beforeAll, describe, expect, it } from "vitest";
import type { Gap } from "@/data/coverage";
import en from "@/i18n/en.json";
import zh from "@/i18n/zh-CN.json";
import { GapReason } from "./gap-reason";

beforeAll(async () => {
  await i18next.use(initReactI18next).init({ lng: "en", interpolation: { escapeValue: false }, resources: { en: { translation: en }, "zh-CN": { translation: zh } } });
});

function said(gap: Pick<Gap, "code"> & Partial<Gap>): string {
  return render(<GapReason gap={{ reason: "the server's own words", ...gap }} />).container.textContent;
}

describe("GapReason", () => {
  it.each([
    [{ code: "unknown-image" }, /^组织没有拉取/],
    [{ code: "unnamed-image", detail: "prod" }, /集成 prod 可能没有/],
    [{ code: "asked", reference: "x/web:1" }, /^x\/web:1 正在运行，即将分析。$/],
    [{ code: "asked", reference: "x/web:1", detail: "x asks to slow down" }, /等待的原因：x asks to slow down$/],
    [{ code: "asked-in-vain", reference: "x/web:1", detail: "its layer is damaged" }, /^x\/web:1 .*：its layer is damaged$/],
    [{ code: "removed", removed: "2026-03-01T23:00:00Z" }, /2026年3月1日/],
  ] satisfies [Pick<Gap, "code"> & Partial<Gap>, RegExp][])("says %j in the reader's language", async (gap, want) => {
    await i18next.changeLanguage("zh-CN");
    expect(said(gap)).toMatch(want);
  });

  it("leaves what it has no words for, and what failed, to the server", () => {
    expect(said({ code: "analysis-fails", detail: "the server's own words" })).toBe("the server's own words");
    expect(said({ code: "one of tomorrow" as Gap["code"] })).toBe("the server's own words");
  });
});
