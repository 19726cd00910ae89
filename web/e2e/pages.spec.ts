import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, open, places, settle, test } from "./kit";

/** What axe finds; in legacy mode, as the pages have no frames, which saves a window for each look. */
async function violations(page: Page, rules?: string[]): Promise<string[]> {
  const axe = new AxeBuilder({ page }).setLegacyMode(true);
  const { violations: found } = await (rules ? axe.withRules(rules) : axe).analyze();
  return found.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target.join(" ")}: ${n.failureSummary ?? ""}`));
}

// In parts, so that they run side by side.
const parts = [0, 1, 2, 3, 4];
for (const part of parts) {
  test(`every page is accessible in both themes, part ${String(part + 1)}`, async ({ page }) => {
    test.slow();
    await settle(page, { scheme: "light" });
    for (const place of (await places()).filter((_, i) => i % parts.length === part)) {
      await test.step(place.name, async () => {
        await open(page, place.path, place.shows);
        expect(await violations(page)).toEqual([]);
        // The themes differ in colours only, which hang from this attribute.
        await page.locator("html").evaluate((html) => {
          html.setAttribute("data-mantine-color-scheme", "dark");
        });
        expect(await violations(page, ["color-contrast"])).toEqual([]);
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

  await open(page, "/settings/trusts", "Whose jobs of CI");
  await page.getByRole("button", { name: "Add a trust" }).click();
  await expect(page.getByRole("dialog", { name: "Add a trust" })).toBeVisible();
  expect(await violations(page)).toEqual([]);

  await open(page, "/environments/production?tab=exposure", "CVE-2021-44906");
  await page.getByText("As a table").click();
  await page.getByRole("button", { name: "Times of CVE-2021-44906" }).click();
  await expect(page.getByText(/^Began when/)).toBeVisible();
  expect(await violations(page)).toEqual([]);
});

test("no page says anything in English to a Chinese reader", async ({ page }) => {
  await settle(page, { language: "zh-CN" });
  // Names, states of the wire and the server's own reasons come as they are.
  test.slow(); // all pages in one
  const ours = /\b(Overview|Environment|Image|Vulnerabilit|Integration|Package|Severity|Critical|Search|Coverage|Running|Details|Workload|Analyse|Loading|Never|Filter|ago|now)/;
  for (const place of await places()) {
    await test.step(place.name, async () => {
      await open(page, place.path);
      await expect(page.locator("main h1")).toBeVisible();
      await expect(page.locator("main [aria-busy=true]")).toHaveCount(0);
      await expect(page.locator("html")).toHaveAttribute("lang", "zh-CN");
      const texts = await page.locator("h1, h2, th, nav, button, header").allInnerTexts();
      expect(texts.filter((text) => ours.test(text))).toEqual([]);
    });
  }
});

test("in a narrow window nothing scrolls sideways and the navigation is a drawer", async ({ page }) => {
  test.slow();
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
  await page.getByRole("dialog").getByRole("link", { name: "Images", exact: true }).click();
  await expect(page.getByRole("heading", { name: "Images", level: 1 })).toBeVisible();
  await expect(page.getByRole("dialog")).toBeHidden();
});

test("in a narrow window names are read whole", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await settle(page);
  for (const path of ["/environments/production", "/images", "/packages", "/environments", "/environments/latest-indexed"]) {
    await test.step(path, async () => {
      await open(page, path);
      const links = page.locator("main a[data-row]");
      await expect(links.first()).toBeVisible();
      const cut = await links.evaluateAll((all) =>
        all.filter((link) => [link.closest("td"), link, ...link.querySelectorAll("*")].some((e) => e !== null && e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== "inline")).map((link) => link.textContent),
      );
      expect(cut).toEqual([]);
    });
  }
});

test("what is printed is complete and nothing but the page", async ({ page }) => {
  test.slow();
  await settle(page);
  await open(page, "/images", "shop/web");
  await page.emulateMedia({ media: "print" });
  await expect(page.getByRole("navigation", { name: "Main navigation" })).toBeHidden();
  await expect(page.getByRole("banner")).toBeHidden();
  await expect(page.getByRole("row")).toHaveCount(6);
  for (const place of await places()) {
    await test.step(place.name, async () => {
      // What shows that a page is there may itself be a button.
      await open(page, place.path);
      await expect(page.locator("main h1")).toBeVisible();
      await expect(page.locator("main [aria-busy=true]")).toHaveCount(0);
      await expect(page.locator("button:visible").and(page.locator(":not(th button)"))).toHaveCount(0);
    });
  }
});
