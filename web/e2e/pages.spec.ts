import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { firstPolicies } from "../src/data/first-policies";
import { expect, open, places, settle, test, webImage } from "./kit";
import { badTables, cutTexts, outOfBox } from "./widths";

/** What axe finds; in legacy mode, as the pages have no frames, which saves a window for each look. */
async function violations(page: Page, rules?: string[]): Promise<string[]> {
  const axe = new AxeBuilder({ page }).setLegacyMode(true);
  const { violations: found } = await (rules ? axe.withRules(rules) : axe).analyze();
  return found.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target.join(" ")}: ${n.failureSummary ?? ""}`));
}

// In parts, so that they run side by side.
const parts = [0, 1, 2, 3, 4, 5];
for (const part of parts) {
  test(`every page is accessible in both themes, part ${String(part + 1)}`, async ({ page }) => {
    test.slow();
    await settle(page, { scheme: "light" });
    for (const place of (await places()).filter((_, i) => i % parts.length === part)) {
      await test.step(place.name, async () => {
        await open(page, place.path, place.shows);
        expect(await page.locator("main nav.no-print [aria-current=page]").count(), "tabs that are chosen").toBeLessThanOrEqual(1);
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

test("open menus, suggestions and what cannot be taken back are accessible in both themes", async ({ page }) => {
  test.slow();
  const bothThemes = async () => {
    const html = page.locator("html");
    for (const scheme of ["light", "dark"]) {
      await html.evaluate((element, chosen) => {
        element.setAttribute("data-mantine-color-scheme", chosen);
      }, scheme);
      expect(await violations(page)).toEqual([]);
    }
  };
  await open(page, "/sign-in");
  await page.getByRole("button", { name: "Theme" }).click();
  await expect(page.getByRole("menuitem", { name: "Dark" })).toBeVisible();
  await bothThemes();

  await settle(page);
  await open(page, "/images", "shop/web");
  for (const [button, item] of [["Theme", "Dark"], ["Language", "English"], ["Account", "Sign out"], ["Export", "CSV"]] as const) {
    await page.getByRole("button", { name: button, exact: true }).click();
    await expect(page.getByRole("menuitem", { name: item })).toBeVisible();
    await bothThemes();
    await page.keyboard.press("Escape");
    await expect(page.getByRole("menu")).toHaveCount(0);
  }

  await open(page, "/integrations/prod-eu", "Sweep now");
  await page.getByRole("button", { name: "Edit" }).click();
  const environment = page.getByRole("dialog").getByLabel("Environment");
  await expect(environment).toBeFocused();
  await expect(page.getByRole("option")).toHaveCount(0);
  await page.keyboard.press("ArrowDown");
  await expect(page.getByRole("option", { name: "staging" })).toBeVisible();
  await bothThemes();
  await page.keyboard.press("Escape");

  await open(page, "/settings/tokens", "demo");
  await page.getByRole("button", { name: /^Revoke / }).first().click();
  await expect(page.getByRole("dialog")).toBeVisible();
  await bothThemes();

  const { digest } = await webImage();
  await open(page, `/images/${digest}`, "27 shown");
  await page.getByRole("main").getByRole("button", { name: "In use" }).first().press("Enter");
  const explained = page.getByRole("dialog");
  await expect(explained).toContainText(/A runtime saw the package loaded[^]*production[^]*prod-eu[^]*As of/);
  await expect(explained.getByRole("link", { name: "production" })).toBeFocused();
  await bothThemes();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("main").getByRole("button", { name: "In use" }).first()).toBeFocused();

  await page.getByRole("button", { name: /^Health score E/ }).click();
  await expect(page.getByRole("dialog")).toContainText("25 of 90 points");
  await bothThemes();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: /^Why CVE-2026-31789 was found in libssl3/ }).click();
  await expect(page.getByRole("main").getByText("decides", { exact: true })).toBeVisible();
  await bothThemes();
});

test("in a narrow window nothing of a row is lost", async ({ page }) => {
  await settle(page);
  const { digest } = await webImage();
  for (const [width, path, texts] of [
    [400, "/settings/audit?action=integration.create", ["Who", "To what", "prod-eu"]],
    [1280, "/vulnerabilities", ["Known since"]],
    [400, "/integrations", ["Last complete sweep", "Next sweep"]],
    [400, `/images/${digest}?tab=layers`, ["Size", "Vulnerabilities"]],
  ] as const) {
    await page.setViewportSize({ width, height: 900 });
    await open(page, path);
    for (const text of texts) {
      await expect(page.getByRole("main").getByRole("row").filter({ hasNot: page.getByRole("columnheader") }).getByText(text).filter({ visible: true }).first()).toBeVisible();
    }
  }
});

test("columns give way only where there is no room for all of them", async ({ page }) => {
  await settle(page);
  await page.setViewportSize({ width: 1280, height: 900 });
  await open(page, "/integrations");
  const header = page.getByRole("columnheader", { name: "Next sweep" });
  await expect(header).toBeVisible();
  await expect(page.getByRole("term").filter({ hasText: "Next sweep", visible: true })).toHaveCount(0);
  await page.setViewportSize({ width: 900, height: 900 });
  await expect(header).toBeHidden();
  await expect(page.getByRole("term").filter({ hasText: "Next sweep", visible: true })).not.toHaveCount(0);
});

const halves = [0, 1];
for (const part of halves) {
  test(`no page says anything in English to a Chinese reader, part ${String(part + 1)}`, async ({ page }) => {
    await settle(page, { language: "zh-CN" });
    // Names, states of the wire and what policies in Rego say of images come as they are.
    test.slow();
    const shipped = [...Object.values(firstPolicies).flatMap((first) => [first.name, first.about]), "o image of this digest", "waiting for its analysis", "vulnerability of these severities", "names no user", "attested", "upgrade ", "it is built on", "one violation"];
    const ours = /\b(Overview|Environment|Image|Vulnerabilit|Integration|Package|Severity|Critical|Search|Coverage|Running|Details|Workload|Analyse|Loading|Never|Filter|ago|now)/;
    for (const place of (await places()).filter((_, i) => i % halves.length === part)) {
      await test.step(place.name, async () => {
        await open(page, place.path);
        await expect(page.locator("main h1")).toBeVisible();
        await expect(page.locator("main [aria-busy=true]")).toHaveCount(0);
        await expect(page.locator("html")).toHaveAttribute("lang", "zh-CN");
        const texts = await page.locator("h1, h2, th, nav, button, header").allInnerTexts();
        expect(texts.filter((text) => ours.test(text))).toEqual([]);
        // What the server ships in English and the catalogues have; what people and others wrote comes as it is: design note 23.
        const content = await page.getByRole("main").innerText();
        expect(shipped.filter((words) => content.includes(words))).toEqual([]);
      });
    }
  });
}

for (const part of halves) {
  test(`in windows of any width nothing is cut or scrolls sideways, part ${String(part + 1)}`, async ({ page }) => {
    test.slow();
    await settle(page);
    for (const place of (await places()).filter((_, i) => i % halves.length === part)) {
      await test.step(place.name, async () => {
        await page.setViewportSize({ width: 375, height: 740 });
        await open(page, place.path, place.shows);
        for (const width of [375, 768, 1024, 1440]) {
          await page.setViewportSize({ width, height: 740 });
          // The observer of the table's width has had its turn when two frames are drawn.
          await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
          const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
          const cut = width < 1024 ? await cutTexts(page) : []; // wider, a pointer reads what was cut
          expect({ over, cut, out: await outOfBox(page), tables: await badTables(page, width === 1440) }, `at ${String(width)} px`).toEqual({ over: 0, cut: [], out: [], tables: [] });
        }
      });
    }
  });
}

test("in a narrow window the navigation is a drawer", async ({ page }) => {
  await page.setViewportSize({ width: 375, height: 740 });
  await settle(page);
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
  for (const path of ["/environments/production", "/images", "/packages", "/policies", "/environments", "/environments/latest-indexed"]) {
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
  await page.setViewportSize({ width: 718, height: 1040 }); // A4 between usual margins
  await expect(page.getByRole("navigation", { name: "Main navigation" })).toBeHidden();
  await expect(page.getByRole("banner")).toBeHidden();
  await expect(page.locator("main tr[aria-rowindex]")).toHaveCount(5);
  await open(page, "/images?environment=production", "shop/web");
  await expect(page.getByText(/ · environment: production$/)).toBeVisible();
  for (const place of await places()) {
    await test.step(place.name, async () => {
      // What shows that a page is there may itself be a button.
      await open(page, place.path);
      await expect(page.locator("main h1")).toBeVisible();
      await expect(page.locator("main [aria-busy=true]")).toHaveCount(0);
      await expect(page.locator("button:visible").and(page.locator(":not(th button, .prints)"))).toHaveCount(0);
      expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(0);
      expect(await cutTexts(page)).toEqual([]);
    });
  }
});
