import { expect, open, settle, test } from "./kit";
import { startDemo, type Demo } from "./server";

// These tests change what is known: they have a demo of their own, one after the other.
test.describe.configure({ mode: "serial" });

let demo: Demo;
const before = { ...process.env };

test.beforeAll(async () => {
  demo = await startDemo();
  process.env.E2E_URL = demo.url;
  process.env.E2E_COOKIE = demo.cookie;
});

test.afterAll(async () => {
  process.env.E2E_URL = before.E2E_URL;
  process.env.E2E_COOKIE = before.E2E_COOKIE;
  await demo.stop();
});

test("an owner names known registries, and what runs from another is warned of", async ({ page }) => {
  await settle(page);
  await open(page, "/environments/production", "shop/web");
  const main = page.getByRole("main");
  await expect(main.getByText("there is no list")).toBeVisible();
  await expect(main.getByText("Unknown registry")).toHaveCount(0);

  await main.getByRole("link", { name: "Known registries" }).click();
  await expect(main.getByText("There is no list")).toBeVisible();
  const save = page.getByRole("button", { name: "Save" });
  await expect(save).toBeDisabled();
  const field = page.getByRole("textbox", { name: "Known registries" });
  await field.fill("https://ghcr.io");
  await save.click();
  await expect(main.getByText("without a scheme")).toBeVisible();
  await field.fill("Registry.example.com\nnginx");
  await save.click();
  await expect(field).toHaveValue("docker.io/library/nginx\nregistry.example.com");
  await expect(main.getByText("There is no list")).toHaveCount(0);
  if (process.env.E2E_SHOTS) {
    await page.screenshot({ path: `${process.env.E2E_SHOTS}/settings.png`, fullPage: true });
  }

  await open(page, "/environments/production", "shop/web");
  await expect(main.getByText("Not from a known registry: 3 of 4 running images.")).toBeVisible();
  await expect(main.getByText("Name unknown, and not compared: 1.")).toBeVisible();
  await expect(main.getByText("Unknown registry")).toHaveCount(3);
  await main.getByRole("button", { name: /shop\/web/ }).first().click();
  await expect(main.getByText(/shop\/web:\S+ is not from a known registry/)).toBeVisible();
  if (process.env.E2E_SHOTS) {
    await page.screenshot({ path: `${process.env.E2E_SHOTS}/environment.png`, fullPage: true });
  }
  await main.locator("a[data-row]", { hasText: "shop/web" }).click();
  await expect(main.getByText(/shop\/web:\S+ is not from a known registry/)).toBeVisible();
  if (process.env.E2E_SHOTS) {
    await page.screenshot({ path: `${process.env.E2E_SHOTS}/image.png`, fullPage: true });
  }
});
