import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "./kit";
import { freePort, start } from "./server";

test("the first owner of a new server below a path sees the first steps", async ({ page }) => {
  const folder = await mkdtemp(path.join(tmpdir(), "crowsnest-e2e-"));
  const port = await freePort();
  const server = await start(
    ["serve", "--listen", `127.0.0.1:${String(port)}`, "--data", folder],
    /(http\S+\/link#\S+)/,
    { CROWSNEST_BASE_PATH: "/tools/crowsnest" },
  );
  try {
    const root = `http://127.0.0.1:${String(port)}/tools/crowsnest`;
    await page.goto(server.words[1] ?? "");
    await expect(page.getByRole("heading", { name: "Welcome to Crowsnest" })).toBeVisible();
    await page.getByLabel("E-mail address").fill("first@example.com");
    await page.getByLabel("Your name").fill("The first");
    await page.getByLabel("New password", { exact: true }).fill("four quiet words here");
    await page.getByRole("button", { name: "Make the account" }).click();
    await expect(page).toHaveURL(`${root}/`);
    await page.getByRole("link", { name: "Images", exact: true }).click();
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
