import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, open, places, settle, test } from "./kit";

// The documentation has every page, and those that tell most in both themes. SCREENSHOTS names a folder for all of them in both.
const main = ["overview", "environment", "environment-gaps", "images", "image", "image-layers", "image-policies", "policies", "policy", "package", "vulnerabilities", "vulnerability", "integration"];
const all = process.env.SCREENSHOTS !== undefined;
const folder = process.env.SCREENSHOTS ?? fileURLToPath(new URL("../../docs/screenshots", import.meta.url));

for (const scheme of ["light", "dark"] as const) {
  test(`pages, ${scheme}`, async ({ page }) => {
    test.setTimeout(120_000);
    mkdirSync(folder, { recursive: true });
    await settle(page, { scheme });
    await page.setViewportSize({ width: 1280, height: 800 });
    for (const place of (await places()).filter((p) => all || scheme === "light" || main.includes(p.name))) {
      await open(page, place.path, place.shows);
      await expect(page.locator("main [aria-busy=true]")).toHaveCount(0);
      await page.screenshot({ path: `${folder}/${place.name}-${scheme}.png` });
    }
  });
}
