import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { open, places, settle, test } from "./kit";

const folder = process.env.SCREENSHOTS ?? fileURLToPath(new URL("../../docs/screenshots", import.meta.url));

for (const scheme of ["light", "dark"] as const) {
  test(`pages, ${scheme}`, async ({ page }) => {
    test.setTimeout(120_000);
    mkdirSync(folder, { recursive: true });
    await settle(page, { scheme });
    for (const place of await places()) {
      await open(page, place.path, place.shows);
      await page.waitForLoadState("networkidle");
      await page.screenshot({ path: `${folder}/${place.name}-${scheme}.png` });
    }
  });
}
