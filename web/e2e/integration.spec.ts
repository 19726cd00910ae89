import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { startGateway, type Gateway } from "./gateway";
import { expect, open, settle, test } from "./kit";
import { startDemo, type Demo } from "./server";

// One integration from the wizard to its end: the tests follow each other, on a demo of their own.
test.describe.configure({ mode: "serial" });

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
  for (const scheme of ["dark", "light"]) {
    await page.locator("html").evaluate((e, s) => {
      e.setAttribute("data-mantine-color-scheme", s);
    }, scheme);
    const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
    expect(violations.flatMap((v) => v.nodes.map((n) => `${name}, ${scheme}: ${v.id}: ${n.target.join(" ")}: ${n.failureSummary ?? ""}`))).toEqual([]);
    if (process.env.SCREENSHOTS !== undefined) {
      await page.screenshot({ path: `${process.env.SCREENSHOTS}/${name}-${scheme}.png`, fullPage: true });
    }
  }
}

const caLabel = "Certificates of your authority";
const pem = (text: string) => ({ name: "ca.pem", mimeType: "application/x-pem-file", buffer: Buffer.from(text) });

test("the wizard takes certificates, a second token, and a limit of the rate", async ({ page }) => {
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
  await page.getByLabel("API token").fill("not the one");

  // Sysdig limits the rate: nothing is wrong, and the time runs.
  gateway.limit(4);
  await next.click();
  const clock = page.locator("[data-countdown]");
  await expect(clock).toHaveText(/^Sysdig allows again in 0:0[1-4]\.$/);
  await expect(page.getByRole("status").filter({ hasText: "Sysdig allows again in 4 seconds." })).toBeAttached();
  await expect(next).toBeDisabled();
  await expect(page.locator("form [aria-invalid=true]")).toHaveCount(0);
  await inspect(page, "connect-limited");
  await expect(clock).toHaveText(/0:01/);
  gateway.limit(0);
  await expect(page.getByText("Sysdig may be asked again now.")).toBeVisible();
  await next.click();

  await page.getByRole("radio", { name: "playground" }).check();
  await next.click();
  await page.getByRole("radio", { name: "staging" }).check();
  await next.click();
  await expect(page.getByText("Given")).toHaveCount(2);
  await page.getByRole("button", { name: "Enable integration" }).click();
  await expect(page.getByRole("alert")).toContainText("read names of images");
  await page.getByRole("link", { name: "Correct it" }).click();
  const second = page.getByLabel("API token");
  await page.getByText("Advanced").click();
  await second.fill(demo.sysdig.token);
  for (let i = 0; i < 3; i++) {
    await next.click();
  }
});
