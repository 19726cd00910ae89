import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { startGateway, type Gateway } from "./gateway";
import { expect, open, settle, test } from "./kit";
import { startDemo, type Demo } from "./server";

// One integration from the wizard to its end: the tests follow each other, on a demo of their own.
test.describe.configure({ mode: "serial", timeout: 150_000 });

let demo: Demo;
let gateway: Gateway;
const before = { ...process.env };

test.beforeAll(async () => {
  demo = await startDemo();
  gateway = await startGateway(demo.sysdig.url, true);
  process.env.E2E_URL = demo.url;
  process.env.E2E_COOKIE = demo.cookie;
});

test.afterAll(async () => {
  process.env.E2E_URL = before.E2E_URL;
  process.env.E2E_COOKIE = before.E2E_COOKIE;
  await gateway.stop();
  await demo.stop();
});

async function inspect(page: Page, name: string): Promise<void> {
  // What the mouse rests on shows its name, outside of any landmark.
  await page.mouse.move(0, 0);
  await expect(page.getByRole("tooltip")).toHaveCount(0);
  for (const scheme of ["dark", "light"]) {
    await page.locator("html").evaluate((e, s) => {
      e.setAttribute("data-mantine-color-scheme", s);
    }, scheme);
    const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
    expect(violations.flatMap((v) => v.nodes.map((n) => `${name}, ${scheme}: ${v.id}: ${n.target.join(" ")}: ${n.failureSummary ?? ""}`))).toEqual([]);
    if (process.env.SCREENSHOTS !== undefined) {
      await page.screenshot({ path: `${process.env.SCREENSHOTS}/${name}-${scheme}.png` });
    }
  }
  const size = page.viewportSize() ?? { width: 1440, height: 900 };
  await page.setViewportSize({ width: 390, height: 844 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(0);
  if (process.env.SCREENSHOTS !== undefined) {
    await page.screenshot({ path: `${process.env.SCREENSHOTS}/${name}-narrow.png` });
  }
  await page.setViewportSize(size);
}

/** Sets the clock of the browser an hour back; that of the server stays right. */
async function slowClock(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const now = Date.now.bind(Date);
    Date.now = () => now() - 3_600_000;
  });
}

const caLabel = "Certificates of your authority";
const pem = (text: string) => ({ name: "ca.pem", mimeType: "application/x-pem-file", buffer: Buffer.from(text) });

test("the wizard takes certificates, a second token, and a limit of the rate", async ({ page }) => {
  await slowClock(page);
  await settle(page);
  await open(page, "/integrations/new/sysdig");
  const next = page.getByRole("button", { name: "Continue" });
  await page.getByLabel("Configuration name").fill("onprem");
  await next.click();
  await page.getByLabel("Risk Spotlight token").fill(demo.sysdig.token);
  await page.getByRole("combobox", { name: "Region" }).click();
  await page.getByRole("option", { name: /^custom/ }).click();
  await page.getByLabel("Address").fill(gateway.url);

  // Folded until it is wanted; an authority nobody knows is told of at its field.
  const ca = page.getByLabel(caLabel);
  await expect(ca).toBeHidden();
  await next.click();
  await expect(page.getByRole("alert")).toContainText("certificate");
  await expect(ca).toBeVisible();
  await expect(ca).toBeFocused();
  await ca.fill("no certificate");
  await next.click();
  await expect(page.getByRole("alert")).toContainText("there is no certificate in it");
  await expect(page).toHaveURL(/\?step=account$/);
  await inspect(page, "connect-advanced");
  const choosing = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Choose a PEM file" }).click();
  await (await choosing).setFiles(pem(gateway.ca));
  await expect(ca).toHaveValue(gateway.ca);
  // The second token is tried beside the first, and its field waits to be corrected.
  const second = page.getByLabel("API token", { exact: true });
  const refused = async (given: string, says: string) => {
    await second.fill(given);
    await next.click();
    await expect(page.getByRole("alert")).toContainText(says);
    await expect(page).toHaveURL(/\?step=account$/);
    await expect(second).toBeFocused();
    await expect(page.locator("form [aria-invalid=true]")).toHaveCount(1);
  };
  await refused("no token", "characters that no token has");
  await refused("not-the-one", "read names of images");
  await inspect(page, "connect-second-token");
  await second.fill(demo.sysdig.apiToken);

  // Sysdig limits the rate: nothing is wrong, and the time runs.
  gateway.limit(20);
  await next.click();
  const clock = page.locator("[data-countdown]");
  await expect(clock).toHaveText(/^Sysdig allows again in 0:(20|[01]\d)\.$/);
  await expect(page.getByRole("status").filter({ hasText: "Sysdig allows again in 20 seconds." })).toBeAttached();
  await expect(next).toBeDisabled();
  await expect(page.locator("form [aria-invalid=true]")).toHaveCount(0);
  await inspect(page, "connect-limited");
  gateway.limit(0);
  await expect(page.getByText("Sysdig may be asked again now.")).toBeVisible({ timeout: 30_000 });
  await next.click();

  // A name in which nothing runs is refused, unless one says that it is meant.
  await page.getByLabel("Another cluster").fill("plaiground");
  await next.click();
  await page.getByRole("radio", { name: "staging" }).check();
  await next.click();
  await expect(page.getByText("Given")).toHaveCount(2);
  await page.getByRole("button", { name: "Enable integration" }).click();
  await expect(page.getByRole("alert")).toContainText("Sysdig does not list the cluster plaiground");
  await expect(page.getByRole("button", { name: "Connect it all the same" })).toBeVisible();
  await inspect(page, "connect-empty");
  await page.getByRole("navigation", { name: "Steps" }).getByRole("link", { name: "Cluster" }).click();

  await page.getByRole("radio", { name: "playground" }).check();
  await next.click();
  await next.click();
  await page.getByRole("button", { name: "Enable integration" }).click();
  await expect(page.getByText("The first sweep of playground is complete:")).toBeVisible({ timeout: 30_000 });
  const kept = await page.evaluate(() => location.href + JSON.stringify([localStorage, sessionStorage]) + document.body.innerHTML);
  expect(kept).not.toContain(demo.sysdig.token);
  expect(kept).not.toContain(demo.sysdig.apiToken);

  // What the second token is for: a name of what runs and is not analysed.
  await expect(async () => {
    await open(page, "/environments/staging?tab=gaps", "tools/debug");
  }).toPass({ timeout: 20_000 });
});

/** Sends an empty body to a webhook; answers with the status. */
async function call(url: string, secret: string): Promise<number> {
  return (await fetch(url, { method: "POST", headers: { Authorization: `Bearer ${secret}` } })).status;
}

test("a webhook is made, replaced and removed, and its secret shown once", async ({ page }) => {
  await settle(page);
  await open(page, "/integrations/onprem", "There is no webhook");
  const dialog = page.getByRole("dialog");
  const make = async (verb: string) => {
    await page.getByRole("button", { name: verb }).click();
    await dialog.getByRole("button", { name: verb }).click();
    const example = await dialog.getByRole("region", { name: "Or from a shell" }).textContent();
    const [, secret = "", url = ""] = /^curl -X POST -H "Authorization: Bearer (crowsnesthook_\w+)" (http\S+)$/.exec(example ?? "") ?? [];
    await inspect(page, "integration-hook");
    await dialog.getByRole("button", { name: "Done" }).click();
    await expect(page.getByText("There is a webhook.")).toBeVisible();
    expect(await page.content()).not.toContain(secret);
    return { secret, url };
  };
  const first = await make("Create webhook");
  expect(await call(first.url, first.secret)).toBe(202);
  const second = await make("Replace the secret");
  expect(await call(first.url, first.secret)).toBe(404);
  expect(await call(second.url, second.secret)).toBe(202);
  await page.getByRole("button", { name: "Remove webhook" }).click();
  await dialog.getByRole("button", { name: "Remove webhook" }).click();
  await expect(page.getByText("There is no webhook")).toBeVisible();
  expect(await call(second.url, second.secret)).toBe(404);
});

test("a sweep that breaks off changes nothing that is shown, and says so until one is complete", async ({ page }) => {
  await settle(page);
  await open(page, "/environments/staging", "shop/");
  const running = page.getByRole("main").getByRole("table").first().getByRole("row");
  const before = await running.count();
  expect(before).toBeGreaterThan(1);

  gateway.break(true);
  await open(page, "/integrations/onprem", "Last complete sweep");
  await page.getByRole("button", { name: "Sweep now" }).click();
  await expect(page.getByText("The last sweep of onprem was not complete.")).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText("what is shown is that of the last complete sweep")).toBeVisible();
  await inspect(page, "integration-broken");
  await open(page, "/environments/staging", "shop/");
  await expect(running).toHaveCount(before);

  gateway.break(false);
  await open(page, "/integrations/onprem", "Last complete sweep");
  await page.getByRole("button", { name: "Sweep now" }).click();
  await expect(page.getByText("The last sweep of onprem was not complete.")).toHaveCount(0, { timeout: 60_000 });
});

test("an integration is paused, edited, limited and deleted", async ({ page }) => {
  await slowClock(page);
  await settle(page);
  await open(page, "/integrations/onprem", "CN=sysdig.test");
  await page.getByRole("button", { name: "Pause" }).click();
  await expect(page.getByText("Paused").first()).toBeVisible();
  await page.getByRole("button", { name: "Resume" }).click();
  await expect(page.getByRole("button", { name: "Sweep now" })).toBeEnabled();

  // Certificates need the token anew; what is wrong stays in the form with its reason.
  const dialog = page.getByRole("dialog");
  const save = dialog.getByRole("button", { name: "Save" });
  await page.getByRole("button", { name: "Edit" }).click();
  await dialog.getByText("Advanced").click();
  await dialog.getByLabel(caLabel).fill("no certificate");
  await expect(dialog.getByText("Give the token too")).toBeVisible();
  await expect(save).toBeDisabled();
  await dialog.getByLabel("New Risk Spotlight token").fill(demo.sysdig.token);
  await save.click();
  await expect(dialog.getByRole("alert")).toContainText("there is no certificate in it");
  await expect(dialog.getByRole("alert")).toBeInViewport({ ratio: 0.9 });
  await inspect(page, "integration-edit");
  await dialog.getByLabel(caLabel).fill(gateway.ca);
  await save.click();
  await expect(dialog).toHaveCount(0);

  await page.getByRole("button", { name: "Edit" }).click();
  await dialog.getByRole("button", { name: "Replace the token" }).click();
  await dialog.getByLabel("New Risk Spotlight token").fill("wrong-token");
  await save.click();
  await expect(dialog.getByRole("alert")).toContainText("renew the token in Sysdig");
  await expect(dialog.getByLabel("New Risk Spotlight token")).toHaveAttribute("aria-invalid", "true");
  await dialog.getByLabel("New Risk Spotlight token").fill(demo.sysdig.token);
  await dialog.getByText("Advanced").click();
  await dialog.getByLabel("API token", { exact: true }).fill("no token");
  await save.click();
  await expect(dialog.getByRole("alert")).toContainText("characters that no token has");
  await expect(dialog.locator("[aria-invalid=true]")).toHaveCount(1);
  await expect(dialog.getByLabel("API token", { exact: true })).toHaveAttribute("aria-invalid", "true");
  await dialog.getByLabel("API token", { exact: true }).fill(demo.sysdig.apiToken);
  await save.click();
  await expect(dialog).toHaveCount(0);

  // Off unless somebody switches it on, and off again as easily.
  const own = page.getByRole("definition").filter({ hasText: /^(Yes|No)$/ });
  await expect(own).toHaveText("No");
  for (const now of ["Yes", "No"]) {
    await page.getByRole("button", { name: "Edit" }).click();
    await dialog.getByLabel("Analyse what runs by itself").click();
    await save.click();
    await expect(dialog).toHaveCount(0);
    await expect(own).toHaveText(now);
  }

  // A sweep that has to wait says until when, and goes on by itself.
  gateway.limit(25);
  await page.getByRole("button", { name: "Sweep now" }).click();
  await expect(page.locator("[data-countdown]")).toHaveText(/^Sysdig allows again in 0:[0-2]\d\.$/, { timeout: 20_000 });
  gateway.limit(0);
  await inspect(page, "integration-limited");
  await expect(page.locator("[data-countdown]")).toHaveCount(0, { timeout: 40_000 });

  await page.getByRole("button", { name: "Delete" }).click();
  await expect(dialog.getByText(/leaves? staging/)).toBeVisible();
  await dialog.getByRole("textbox").fill("onprem");
  await dialog.getByRole("button", { name: "Delete integration" }).click();
  await expect(page.getByRole("main").getByText("prod-eu").first()).toBeVisible();
  await expect(page.getByRole("main").getByRole("link", { name: /^onprem/ })).toHaveCount(0);
});

test("whoever tried too often to sign in sees when to try again", async ({ page }) => {
  await open(page, "/sign-in");
  await page.getByLabel("E-mail address").fill(demo.email);
  const password = page.getByLabel("Password", { exact: true });
  const clock = page.locator("[data-countdown]");
  for (let i = 0; i < 12 && (await clock.count()) === 0; i++) {
    await password.fill(`wrong ${String(i)}`);
    const answered = page.waitForResponse((r) => r.url().endsWith("/api/v1/session") && r.request().method() === "POST");
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await answered;
  }
  await expect(clock).toHaveText(/^Too many attempts\. Try again in \d+:\d\d\.$/);
  await inspect(page, "sign-in-limited");
});
