import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, open, places, settle, test } from "./kit";

async function violations(page: Page): Promise<string[]> {
  const { violations: found } = await new AxeBuilder({ page }).analyze();
  return found.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target.join(" ")}: ${n.failureSummary ?? ""}`));
}

for (const scheme of ["light", "dark"] as const) {
  test(`every page is accessible, ${scheme}`, async ({ page }) => {
    test.setTimeout(90_000);
    await settle(page, { scheme });
    for (const place of await places()) {
      await test.step(place.name, async () => {
        await open(page, place.path, place.shows);
        await expect(page.locator("html")).toHaveAttribute("data-mantine-color-scheme", scheme);
        expect(await violations(page)).toEqual([]);
      });
    }
  });
}

test("dialogs and the sign-in are accessible", async ({ page }) => {
  await open(page, "/sign-in");
  await expect(page.getByRole("heading", { name: "Sign in to Crowsnest" })).toBeVisible();
  expect(await violations(page)).toEqual([]);

  await settle(page);
  await open(page, "/images", "shop/web");
  await page.keyboard.press("ControlOrMeta+k");
  await page.getByRole("combobox", { name: "Search and commands" }).fill("web");
  await expect(page.getByRole("option").first()).toBeVisible();
  expect(await violations(page)).toEqual([]);
  await page.keyboard.press("Escape");

  await page.keyboard.press("?");
  await expect(page.getByRole("dialog", { name: "Keyboard shortcuts" })).toBeVisible();
  expect(await violations(page)).toEqual([]);
  await page.keyboard.press("Escape");

  await page.getByRole("button", { name: "Analyse image" }).click();
  await expect(page.getByRole("dialog", { name: "Analyse an image" })).toBeVisible();
  expect(await violations(page)).toEqual([]);
});

test("no page says anything in English to a Chinese reader", async ({ page }) => {
  await settle(page, { language: "zh-CN" });
  // Names, states of the wire and the server's own reasons come as they are.
  const ours = /\b(Overview|Environment|Image|Vulnerabilit|Integration|Package|Severity|Critical|Search|Coverage|Running|Details|Workload|Analyse|Loading|Never|Filter|ago|now)/;
  for (const place of await places()) {
    await test.step(place.name, async () => {
      await open(page, place.path);
      await page.waitForLoadState("networkidle");
      await expect(page.locator("html")).toHaveAttribute("lang", "zh-CN");
      const texts = await page.locator("h1, h2, th, nav, button, header").allInnerTexts();
      expect(texts.filter((text) => ours.test(text))).toEqual([]);
    });
  }
});

test("in a narrow window nothing scrolls sideways and the navigation is a drawer", async ({ page }) => {
  await page.setViewportSize({ width: 375, height: 740 });
  await settle(page);
  for (const place of await places()) {
    await test.step(place.name, async () => {
      await open(page, place.path, place.shows);
      const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      expect(over).toBe(0);
    });
  }
  await open(page, "/");
  await expect(page.getByRole("navigation", { name: "Main navigation" })).toBeHidden();
  await page.getByRole("button", { name: "Open navigation" }).click();
  await page.getByRole("dialog").getByRole("link", { name: "Images" }).click();
  await expect(page.getByRole("heading", { name: "Images", level: 1 })).toBeVisible();
  await expect(page.getByRole("dialog")).toBeHidden();
});

test("what is printed is complete and nothing but the page", async ({ page }) => {
  await settle(page);
  await open(page, "/images", "shop/web");
  await page.emulateMedia({ media: "print" });
  await expect(page.getByRole("navigation", { name: "Main navigation" })).toBeHidden();
  await expect(page.getByRole("banner")).toBeHidden();
  await expect(page.getByRole("row")).toHaveCount(6);
});
