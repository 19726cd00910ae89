import AxeBuilder from "@axe-core/playwright";
import { expect, open, settle, test } from "./kit";
import { startDemo, type Demo } from "./server";

// These tests change what is kept: they have a demo of their own, one after the other.
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

/** Asks the API as the demo's owner. */
async function call<T>(path: string, method = "GET", body?: object): Promise<T> {
  const answer = await fetch(`${demo.url}/api/v1${path}`, {
    method,
    headers: { Authorization: `Bearer ${demo.token}`, "Content-Type": "application/json" },
    ...(body && { body: JSON.stringify(body) }),
  });
  expect(answer.ok, `${method} ${path}: ${String(answer.status)}`).toBe(true);
  return (await answer.json()) as T;
}

test("an owner sees what would be removed before it is saved; a member reads the ages", async ({ page, browser }) => {
  await settle(page);
  await open(page, "/settings/data", "Nothing is ever removed.");
  const storage = page.getByRole("table", { name: "Storage by kind" });
  await expect(storage.getByRole("row")).toHaveCount(10);
  await expect(storage.getByRole("row").filter({ hasText: "Advisories" })).toContainText(/\d/);
  const save = page.getByRole("button", { name: "Save" });
  await expect(save).toBeDisabled();

  // Everything in the demo is of today and most of it runs, so nothing would go.
  await page.getByLabel("Content of images").fill("90");
  await expect(page.getByText("Now 0 bytes would be removed")).toBeVisible();
  await expect(page.getByText("0 images, 0 packages, 0 layers")).toBeVisible();
  expect(await call("/settings/retention")).toEqual({ images: 0, analyses: 0, audit: 0 });
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByText("Nothing is ever removed.")).toBeVisible();
  await page.getByLabel("Content of images").fill("90");
  await page.getByRole("textbox", { name: "Audit log" }).fill("400");
  await save.click();
  await expect(save).toBeDisabled();
  expect(await call("/settings/retention")).toEqual({ images: 90, analyses: 0, audit: 400 });
  await page.reload();
  await expect(page.getByLabel("Content of images")).toHaveValue("90 d");

  const { url } = await call<{ url: string }>("/invitations", "POST", { email: "reader@example.com", role: "member" });
  const context = await browser.newContext();
  const member = await context.newPage();
  await member.goto(url);
  await member.getByLabel("Your name").fill("Rea");
  await member.getByLabel("New password", { exact: true }).fill("four quiet words here");
  await member.getByRole("button", { name: "Join" }).click();
  await member.getByRole("navigation", { name: "Main navigation" }).getByRole("link", { name: "Data" }).click();
  await expect(member.getByText("Only an owner can change these.")).toBeVisible();
  await expect(member.getByText("400 days")).toBeVisible();
  await expect(member.getByText("Storage by kind")).toHaveCount(0);
  await expect(member.getByRole("textbox")).toHaveCount(0);
  await expect(member.getByRole("button", { name: "Save" })).toHaveCount(0);
  await context.close();
});

test("what failed can be tried again from here", async ({ page }) => {
  const { id } = await call<{ id: string }>("/analyses", "POST", { reference: "127.0.0.1:1/shop/lost:1" });
  await expect.poll(async () => (await call<{ state: string }>(`/analyses/${id}`)).state, { timeout: 60_000 }).toBe("failed");
  await settle(page);
  await open(page, "/settings/data", "127.0.0.1:1/shop/lost:1");
  const asked = page.waitForRequest((r) => r.method() === "POST" && r.url().endsWith(`/analyses/${id}/retry`));
  await page.getByRole("button", { name: /shop\/lost:1/ }).click();
  await asked;
  await page.getByRole("link", { name: "All jobs" }).click();
  await expect(page).toHaveURL(/state=failed/);
});

test("an image whose content was removed says so, and offers to analyse it again", async ({ page }) => {
  // The demo is minutes old. The server's own answer is changed as retention would change it.
  const { items } = await call<{ items: { digest: string }[] }>("/images");
  const digest = items[0]?.digest ?? "";
  await page.route((url) => decodeURIComponent(url.pathname) === `/api/v1/images/${digest}`, async (route) => {
    const answer = await route.fetch();
    const image = (await answer.json()) as Record<string, unknown>;
    await route.fulfill({ response: answer, json: { ...image, state: "removed", removed: "2026-01-31T12:00:00Z", packages: 0, layers: undefined, config: undefined } });
  });
  await settle(page);
  await open(page, `/images/${digest}`, "The content was removed on Jan 31, 2026 by retention");
  await expect(page.getByRole("button", { name: "Analyse again" })).toHaveCount(1);
  await expect(page.getByRole("table")).toHaveCount(0);
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  await page.getByRole("link", { name: "Where it runs" }).click();
  await expect(page.getByRole("table")).toBeVisible();
});

test("an owner sets for how long profiles count; the environment says how old they are", async ({ page }) => {
  await settle(page);
  await open(page, "/environments/production?tab=integrations", "The oldest profile of what runs here was last reported");
  const days = page.getByLabel("Days a profile counts");
  const save = page.getByRole("button", { name: "Save" });
  await expect(days).toHaveValue("7 d");
  await expect(save).toBeDisabled();
  await days.fill("30");
  await save.click();
  await expect(save).toBeDisabled();
  await expect(save).not.toHaveAttribute("data-loading"); // what is typed before is of the form that was
  const set = await call<{ profileDays: number; profilesAsOf: string }>("/environments/production");
  expect(set.profileDays).toBe(30);
  expect(Date.now() - Date.parse(set.profilesAsOf)).toBeLessThan(3_600_000);
  await days.fill("");
  await save.click();
  await page.reload();
  await expect(page.getByLabel("Days a profile counts")).toHaveAttribute("placeholder", "For ever");
  const { items } = await call<{ items: { action: string; detail: Record<string, string> }[] }>("/audit?action=environment.update&limit=1");
  expect(items[0]?.detail).toEqual({ "profile-days": "0" });
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
});
