import type { Page } from "@playwright/test";
import { expect, open, settle, test } from "./kit";

const rounds = 15;
const table: string[] = [];

/** How long a hand is taken to rest on what it points at before it clicks, in milliseconds. */
const resting = 100;

/**
 * Milliseconds from the click on what a selector finds until the browser has painted a list that is complete and another than before.
 * The pointer comes right before the click, or rests first.
 */
async function clickToRows(page: Page, selector: string, rests = 0): Promise<number> {
  await page.locator(selector).first().hover();
  await page.waitForTimeout(rests);
  return page.evaluate(
    (target) =>
      new Promise<number>((resolve, reject) => {
        const element = document.querySelector<HTMLElement>(target);
        if (element === null) {
          reject(new Error(`there is no ${target}`));
          return;
        }
        const shown = () => `${location.pathname}${location.search} ${document.querySelector("main tbody tr")?.textContent ?? ""}`;
        const before = shown();
        const begin = performance.now();
        const look = () => {
          const complete = document.querySelectorAll("main tbody tr").length > 5 && document.querySelector("main [aria-busy=true]") === null;
          if (complete && shown() !== before) {
            requestAnimationFrame(() => {
              resolve(performance.now() - begin);
            });
          } else if (performance.now() - begin > 20_000) {
            reject(new Error(`no rows came of ${target}`));
          } else {
            requestAnimationFrame(look);
          }
        };
        element.click();
        look();
      }),
    selector,
  );
}

function report(what: string, milliseconds: number[]): void {
  const sorted = milliseconds.toSorted((a, b) => a - b);
  const at = (q: number) => (sorted[Math.floor(q * (sorted.length - 1))] ?? 0).toFixed(0).padStart(6);
  table.push(`${what.padEnd(44)} ${at(0.5)} ms ${at(0.95)} ms`);
}

test.beforeEach(async ({ page }) => {
  await settle(page);
});

test.afterAll(() => {
  console.log(["", `${"from the click to the rows".padEnd(44)}    p50       p95`, ...table, ""].join("\n"));
});

for (const [name, selector] of [
  ["images", "nav a[href$='/images']"],
  ["vulnerabilities", "nav a[href$='/vulnerabilities']"],
  ["packages", "nav a[href$='/packages']"],
  ["environments", "nav a[href$='/environments']"],
] as const) {
  test(`opens ${name}`, async ({ page }) => {
    for (const [how, rests] of [["at once", 0], ["by a hand", resting]] as const) {
      const took: number[] = [];
      for (let i = 0; i < rounds; i++) {
        await open(page, "/account", "This session"); // a page without these data, and an empty cache
        took.push(await clickToRows(page, selector, rests));
      }
      report(`${name}, opened ${how}`, took);
    }
    await expect(page.locator("main tbody tr").first()).toBeVisible();
  });
}

test("sorts images", async ({ page }) => {
  const took: number[] = [];
  for (let i = 0; i < rounds; i++) {
    await open(page, "/images");
    await expect(page.locator("main tbody tr").nth(10)).toBeVisible();
    took.push(await clickToRows(page, "main thead th:not([aria-sort='ascending']):not([aria-sort='descending']) button"));
  }
  report("images, sorted by another column", took);
});

test("filters vulnerabilities by severity", async ({ page }) => {
  const took: number[] = [];
  for (let i = 0; i < rounds; i++) {
    await open(page, "/vulnerabilities");
    await expect(page.locator("main tbody tr").nth(10)).toBeVisible();
    took.push(await clickToRows(page, "main [role=group] button:nth-of-type(2)"));
  }
  report("vulnerabilities, of another severity", took);
});

test("leafs through images without keeping them all in the document", async ({ page }) => {
  await open(page, "/images");
  const rows = page.locator("main tbody tr");
  await expect(rows.nth(10)).toBeVisible();
  const took: number[] = [];
  for (let i = 0; i < rounds; i++) {
    const count = async () => Number(await page.locator("main table").getAttribute("aria-rowcount"));
    const before = await count();
    await page.mouse.move(700, 500);
    const begin = Date.now();
    await expect(async () => {
      await page.mouse.wheel(0, 1_000_000);
      expect(await count()).toBeGreaterThan(before);
    }).toPass({ intervals: [10] });
    took.push(Date.now() - begin);
  }
  report("images, the next page at the end", took);
  const total = Number(await page.locator("main table").getAttribute("aria-rowcount"));
  expect(total).toBeGreaterThan(rounds * 50);
  expect(await rows.count()).toBeLessThan(200);
});
