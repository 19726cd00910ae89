import { expect, open, settle, test } from "./kit";
import { startDemo, type Demo } from "./server";

// These tests move a cluster and change targets: they have a demo of their own, one after the other.
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

test("figures, days and list tell what is open; severity and state narrow them by the address", async ({ page }) => {
  await settle(page);
  await open(page, "/environments/production", "shop/web");
  await page.getByRole("link", { name: "Exposure" }).click();
  const figures = page.getByRole("table", { name: "Exposure by severity" });
  await expect(figures.getByRole("row").filter({ hasText: "Critical" }).getByRole("cell")).toHaveText([/Critical/, "3", "0", "0", "15 days", "3", "0", "0", "–", "–"]);
  await expect(page.getByRole("img", { name: /^Open at the end of each of 30 days: 0 on the first, 33 on the last/ })).toBeVisible();

  await page.getByRole("button", { name: "7 days" }).click();
  await expect(page).toHaveURL(/days=7/);
  await page.getByText("As a table").click();
  await expect(page.getByRole("region", { name: "Numbers of each day" }).getByRole("row")).toHaveCount(8);

  await page.getByRole("group", { name: "Filter by severity" }).getByRole("button", { name: /Critical/ }).click();
  await expect(page).toHaveURL(/severity=critical/);
  await expect(page.getByRole("img", { name: /^Open at the end of each of 7 days: 0 on the first, 3 on the last/ })).toBeVisible();
  const list = page.getByRole("table", { name: "Exposures" });
  await expect(list.getByRole("row")).toHaveCount(4);
  await page.getByRole("group", { name: "Filter by state" }).getByRole("button", { name: "Overdue" }).click();
  await expect(page).toHaveURL(/state=overdue/);
  await expect(page.getByText("Show all")).toBeVisible();
  await page.reload();
  await expect(page.getByRole("button", { name: "Overdue" })).toHaveAttribute("aria-pressed", "true");
  await page.getByText("Show all").click();
  await expect(list.getByRole("row")).toHaveCount(34);
});

test("what left an environment is not taken for mended, with what ended it, and ran there then", async ({ page }) => {
  const at = new Date().toISOString().slice(0, 19) + "Z";
  // Its cluster moves a second later, as the address holds whole seconds.
  await expect.poll(() => new Date().toISOString().slice(0, 19) + "Z").not.toBe(at);
  await call("/integrations/staging-eu", "PATCH", { environment: "test" });
  await settle(page);
  await open(page, "/environments/test?tab=exposure", "CVE-2021-44906");
  await open(page, "/environments/staging?tab=exposure&state=closed", "CVE-2021-44906");
  const list = page.getByRole("table", { name: "Exposures" });
  const row = list.getByRole("row").filter({ hasText: "CVE-2021-44906" });
  await expect(row).toContainText("No longer watched");
  await expect(row).toContainText("frontend:1.0 no longer watched");
  await row.getByRole("button", { name: "Times of CVE-2021-44906" }).click();
  await expect(list).toContainText("First found in something that ran here");
  await expect(list.getByRole("listitem")).toHaveText([/Began when .*shop\/frontend:1.0 started to run.*Ended when .*shop\/frontend:1.0 was no longer watched/]);
  await list.getByRole("listitem").getByRole("link").first().click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("shop/frontend:1.0");

  await open(page, `/environments/staging?tab=then&at=${at}`, "shop/frontend");
  await expect(page.getByRole("status").filter({ hasText: "This is the past" })).toContainText("Counted with what is known today");
  await expect(page.getByText("2 of 2 running images analysed")).toBeVisible();
  const images = page.getByRole("table", { name: "Images" });
  await expect(images.getByRole("row")).toHaveCount(3);
  await images.getByRole("button", { name: /shop\/frontend/ }).click();
  await expect(images.getByRole("listitem").first()).toContainText("frontend");

  await open(page, "/vulnerabilities/CVE-2021-44906", "Exposure");
  const environments = page.getByRole("table", { name: "Exposure" });
  for (const [name, state] of [["production", "Open"], ["staging", "No longer watched"], ["test", "Open"]] as const) {
    await expect(environments.getByRole("row").filter({ has: page.getByRole("link", { name, exact: true }) })).toContainText(state);
  }
  await expect(environments).toContainText("no longer watched");
  await call("/integrations/staging-eu", "PATCH", { environment: "staging" });

  // Nothing runs in the environment now, whose past stays; one that never was has none.
  await environments.getByRole("link", { name: "test", exact: true }).click();
  await expect(list.getByRole("row").filter({ hasText: "CVE-2021-44906" })).toContainText("No longer watched");
  await open(page, "/environments/never-was?tab=exposure", "There is no such thing here");
});

test("a time is chosen by a field, an offer or the slider", async ({ page }) => {
  await settle(page);
  await open(page, "/environments/production?tab=then", "Choose a time");
  await page.getByRole("button", { name: "7 days ago" }).click();
  await expect(page).toHaveURL(/at=\d{4}-\d{2}-\d{2}T/);
  await expect(page.getByText("Nothing is known to have run then")).toBeVisible();
  await expect(page.getByRole("button", { name: "7 days ago" })).toHaveAttribute("aria-pressed", "true");
  const slider = page.getByRole("slider", { name: /Last 90 days/ });
  await expect(slider).toHaveValue("-7");
  await slider.focus();
  await page.keyboard.press("End");
  await expect(page.getByText("3 of 4 running images analysed")).toBeVisible();
  await expect(slider).toBeFocused();
  await page.keyboard.press("ArrowLeft");
  await expect(page.getByRole("button", { name: "1 day ago" })).toHaveAttribute("aria-pressed", "true");
  await page.getByLabel("What ran at").fill("2020-01-31T12:00");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/at=2020-01-31T/);
  await expect(page.getByText("Nothing is known to have run then")).toBeVisible();
  // What is no time is forgotten.
  await open(page, "/environments/production?tab=then&at=yesterday", "Choose a time");
});

test("an owner sets targets, which count at once; a member reads them and sees no trusts", async ({ page, browser }) => {
  await settle(page);
  await open(page, "/settings/remediation", "Days to remediate");
  const save = page.getByRole("button", { name: "Save" });
  await expect(save).toBeDisabled();
  await page.getByLabel("Days for Critical").fill("7");
  await page.getByLabel("Days for Low").fill("");
  await save.click();
  await expect(save).toBeDisabled();
  expect(await call("/settings/remediation")).toEqual({ critical: 7, high: 30, medium: 90, low: 0, unspecified: 0 });
  await open(page, "/environments/production?tab=exposure", "CVE-2021-44906");
  const figures = page.getByRole("table", { name: "Exposure by severity" });
  await expect(figures.getByRole("row").filter({ hasText: "Critical" })).toContainText("7 days");
  await expect(figures.getByRole("row").filter({ hasText: "Low" })).toContainText("No target");

  const { url } = await call<{ url: string }>("/invitations", "POST", { email: "reader@example.com", role: "member" });
  const context = await browser.newContext();
  const member = await context.newPage();
  await member.goto(url);
  await member.getByLabel("Your name").fill("Rea");
  await member.getByLabel("New password", { exact: true }).fill("four quiet words here");
  await member.getByRole("button", { name: "Join" }).click();
  const navigation = member.getByRole("navigation", { name: "Main navigation" });
  await navigation.getByRole("link", { name: "Remediation targets" }).click();
  await expect(member.getByText("Only an owner can change these.")).toBeVisible();
  await expect(member.getByText("7 days")).toBeVisible();
  await expect(member.getByRole("textbox", { name: /^Days for/ })).toHaveCount(0);
  await expect(navigation.getByRole("link", { name: "CI trusts" })).toHaveCount(0);
  await member.goto(`${demo.url}/settings/trusts`);
  await expect(member.getByRole("alert")).toContainText("role owner");
  await context.close();
});

test("a pipeline is trusted, told what to write, and no longer trusted", async ({ page }) => {
  await settle(page);
  await open(page, "/settings/trusts", "No pipeline is trusted yet");
  await page.getByRole("button", { name: "Add a trust" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill("shop");
  await dialog.getByLabel("Repository").fill("acme/shop");
  await dialog.getByLabel("Branch or tag").fill("refs/heads/release");
  await dialog.getByLabel("Issuer").selectOption("Another");
  await dialog.getByLabel("Address of the issuer").fill("https://ci.example.com");
  await dialog.getByRole("button", { name: "Add a trust" }).click();
  // An issuer the operator did not list is refused, and the server says why.
  await expect(dialog).toContainText("exchange.issuers");
  await dialog.getByLabel("Issuer", { exact: true }).selectOption("GitHub Actions");
  await dialog.getByRole("button", { name: "Add a trust" }).click();
  const pipeline = dialog.getByRole("region", { name: "Pipeline for shop" });
  await expect(pipeline).toContainText('branches: ["release"]');
  await expect(pipeline).toContainText(`CROWSNEST_SERVER: ${demo.url}`);
  await dialog.getByRole("button", { name: "GitLab" }).click();
  await expect(pipeline).toContainText(`aud: ${demo.url}`);
  await dialog.getByRole("button", { name: "Done" }).click();

  const row = page.getByRole("table", { name: "CI trusts" }).getByRole("row").filter({ hasText: "acme/shop" });
  await expect(row).toContainText("refs/heads/release");
  await expect(row).toContainText("15 minutes");
  await row.getByRole("button", { name: "Delete shop" }).click();
  await expect(dialog).toContainText("those it gave end at once");
  await dialog.getByRole("button", { name: "Delete trust" }).click();
  await expect(page.getByText("No pipeline is trusted yet")).toBeVisible();
  expect(await call("/trusts")).toEqual([]);
});
