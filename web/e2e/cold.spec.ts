import { expect, settle, test } from "./kit";

const rounds = 15;

test("the overview of the demo, opened by a browser that has nothing", async ({ browser }) => {
  const took: number[] = [];
  for (let i = 0; i < rounds; i++) {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } }); // with an empty cache
    const page = await context.newPage();
    await settle(page);
    await page.goto(`${process.env.E2E_URL ?? ""}/`, { waitUntil: "commit" });
    // Its numbers are there, nothing of what is first seen is waited for, and a press of keys is answered.
    await page.waitForFunction(() => {
      const main = document.querySelector("main");
      const seen = [...(main?.querySelectorAll("[aria-busy=true], [class*=Skeleton]") ?? [])].some((e) => e.getBoundingClientRect().top < innerHeight);
      return main?.textContent.includes("running images analysed") === true && !seen;
    });
    const ready = await page.evaluate(
      () =>
        new Promise<number>((resolve) => {
          requestAnimationFrame(() => {
            resolve(performance.now());
          });
        }),
    );
    took.push(ready);
    await page.keyboard.press("ControlOrMeta+k");
    await expect(page.getByRole("dialog")).toBeVisible();
    await context.close();
  }
  const sorted = took.toSorted((a, b) => a - b);
  const at = (q: number) => `${(sorted[Math.floor(q * (sorted.length - 1))] ?? 0).toFixed(0).padStart(6)} ms`;
  console.log(["", `${"from the address to the overview, cold".padEnd(44)}    p50       p95`, `${"overview of the demo, interactive".padEnd(44)} ${at(0.5)} ${at(0.95)}`, ""].join("\n"));
});
