import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "./kit";
import { freePort, start } from "./server";

test("a new server below a path shows the first steps", async ({ page }) => {
  const folder = await mkdtemp(path.join(tmpdir(), "crowsnest-e2e-"));
  const port = await freePort();
  const server = await start(
    ["serve", "--listen", `127.0.0.1:${String(port)}`, "--data", folder],
    /(crowsnest_[a-z2-7]{20,})/,
    { CROWSNEST_BASE_PATH: "/tools/crowsnest" },
  );
  try {
    const root = `http://127.0.0.1:${String(port)}/tools/crowsnest`;
    await page.goto(`${root}/images`);
    await page.getByLabel("Token", { exact: true }).fill(server.words[1] ?? "");
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page).toHaveURL(`${root}/images`);
    await expect(page.getByText("No images yet")).toBeVisible();

    await page.getByRole("link", { name: "Overview" }).click();
    await expect(page).toHaveURL(`${root}/`);
    await expect(page.getByRole("heading", { name: "First steps" })).toBeVisible();
    await page.getByRole("link", { name: "Licences" }).click();
    await expect(page.getByText("@floating-ui/react-dom")).toBeVisible();
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
});
