import AxeBuilder from "@axe-core/playwright";
import { expect, open, settle, test, webImage } from "./kit";
import { startDemo, type Demo } from "./server";

// These tests change environments: they have a demo of their own, one after the other.
test.describe.configure({ mode: "serial" });

let demo: Demo;
const before = { ...process.env };

test.beforeAll(async () => {
  demo = await startDemo();
  process.env.E2E_URL = demo.url;
  process.env.E2E_COOKIE = demo.cookie;
  process.env.E2E_TOKEN = demo.token;
});

test.afterAll(async () => {
  process.env.E2E_URL = before.E2E_URL;
  process.env.E2E_COOKIE = before.E2E_COOKIE;
  process.env.E2E_TOKEN = before.E2E_TOKEN;
  await demo.stop();
});

test("an owner renames and describes an environment, and pages stay narrowed to it", async ({ page }) => {
  const { name } = await webImage();
  await fetch(`${demo.url}/api/v1/environments/qa/images`, {
    method: "POST",
    headers: { Authorization: `Bearer ${demo.token}`, "Content-Type": "application/json" },
    body: JSON.stringify({ images: [{ reference: name }] }),
  });
  await settle(page);
  await open(page, "/environments/qa?environment=qa", "shop/web");
  const dialog = page.getByRole("dialog");
  await page.getByRole("main").getByRole("button", { name: "Edit" }).click();
  await expect(dialog.getByRole("button", { name: "Save" })).toBeDisabled();
  expect((await new AxeBuilder({ page }).setLegacyMode(true).analyze()).violations).toEqual([]);
  await dialog.getByRole("textbox", { name: "Name" }).fill("production");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog.getByRole("alert")).toContainText("choose another");
  await dialog.getByRole("textbox", { name: "Name" }).fill("qa two");
  await dialog.getByRole("textbox", { name: "What it is" }).fill("what testers see");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog).toHaveCount(0);
  await expect(page).toHaveURL(/\/environments\/qa%20two\?environment=qa(%20|\+)two/);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("qa two");
  await expect(page.getByRole("main").getByText("what testers see")).toBeVisible();
  await page.getByRole("navigation", { name: "Main navigation" }).getByRole("link", { name: "Images", exact: true }).click();
  await expect(page.getByRole("main").getByText("shop/web").first()).toBeVisible();
});

test("an environment that an integration feeds is not deleted, and another only by its name", async ({ page }) => {
  await settle(page);
  await open(page, "/environments/production", "shop/web");
  const dialog = page.getByRole("dialog");
  await page.getByRole("main").getByRole("button", { name: "Delete" }).click();
  await expect(dialog.getByText("Integrations feed it")).toBeVisible();
  await expect(dialog.getByRole("link", { name: "prod-eu" })).toBeVisible();
  await expect(dialog.getByRole("button", { name: "Delete environment" })).toHaveCount(0);
  await dialog.getByText("Close", { exact: true }).click();

  await open(page, "/environments/qa%20two?environment=qa%20two", "shop/web");
  await page.getByRole("main").getByRole("button", { name: "Delete" }).click();
  await expect(dialog.getByText("1 image that was recorded here is taken out.")).toBeVisible();
  const submit = dialog.getByRole("button", { name: "Delete environment" });
  await expect(submit).toBeDisabled();
  expect((await new AxeBuilder({ page }).setLegacyMode(true).analyze()).violations).toEqual([]);
  await dialog.getByRole("textbox").fill("qa two");
  await submit.click();
  await expect(page).toHaveURL(/\/environments$/);
  const gone = page.getByRole("region", { name: "Deleted" });
  await expect(gone.getByText("by demo")).toBeVisible();
  await gone.getByRole("link", { name: "qa two" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("qa two");
  await expect(page.getByRole("main").getByText("Exposure by severity")).toBeVisible();
});

test("one in which nothing runs any more can still be found, and is exported with the others", async ({ page }) => {
  await settle(page);
  await fetch(`${demo.url}/api/v1/integrations/staging-eu`, { method: "DELETE", headers: { Authorization: `Bearer ${demo.token}` } });
  await open(page, "/environments", "production");
  const idle = page.getByRole("region", { name: "Nothing runs there" });
  await expect(idle.getByRole("link", { name: "staging" })).toBeVisible();
  await page.getByRole("button", { name: "Export" }).click();
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("menuitem", { name: /CSV/ }).click()]);
  const lines: string[] = [];
  for await (const part of await download.createReadStream()) {
    lines.push(...String(part).split("\n"));
  }
  expect(lines).toContain("# filter: empty=true");
  expect(lines.some((l) => l.startsWith("staging,"))).toBe(true);
  await idle.getByRole("link", { name: "staging" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("staging");
  await expect(page.getByRole("button", { name: "Delete" })).toBeVisible();
});
