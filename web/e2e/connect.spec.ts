import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, open, settle, test } from "./kit";
import { startDemo, type Demo } from "./server";

// These tests connect, change and delete: they have a demo of their own, one after the other.
test.describe.configure({ mode: "serial", timeout: 150_000 });

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

/** What axe finds in both themes, which differ in colours only. */
async function inspect(page: Page, name: string): Promise<void> {
  const html = page.locator("html");
  for (const scheme of ["dark", "light"]) {
    await html.evaluate((e, s) => {
      e.setAttribute("data-mantine-color-scheme", s);
    }, scheme);
    const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
    expect(violations.flatMap((v) => v.nodes.map((n) => `${name}, ${scheme}: ${v.id}: ${n.target.join(" ")}: ${n.failureSummary ?? ""}`))).toEqual([]);
    if (process.env.SCREENSHOTS !== undefined) {
      await page.screenshot({ path: `${process.env.SCREENSHOTS}/${name}-${scheme}.png` });
    }
  }
  expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(0);
}

function next(page: Page) {
  return page.getByRole("button", { name: "Continue" });
}

test("a cluster is connected, step by step", async ({ page }) => {
  const { sysdig } = demo;
  await settle(page);
  await open(page, "/integrations", "prod-eu");
  await page.getByRole("link", { name: "Connect a source" }).click();
  await expect(page.getByRole("heading", { name: "Connect a source" })).toBeVisible();
  await inspect(page, "connect-gallery");
  await page.getByRole("link", { name: /^Sysdig/ }).click();

  // The name: what is taken or has no form is refused here.
  const name = page.getByLabel("Configuration name");
  await name.fill("prod-eu");
  await expect(page.getByText("This name is taken.")).toBeVisible();
  await next(page).click();
  await expect(name).toBeFocused();
  await inspect(page, "connect-name");
  await name.fill("playground");
  await next(page).click();

  // The account: a wrong token stays, is told of in Sysdig's words, and marked.
  await expect(page).toHaveURL(/\?step=account$/);
  const token = page.getByLabel("Risk Spotlight token");
  await expect(token).toBeFocused();
  await expect(token).toHaveAttribute("type", "password");
  await expect(token).toHaveAttribute("autocomplete", "off");
  await next(page).click();
  await expect(page.getByText("This is needed.")).toHaveCount(2);
  await token.fill("wrong-token");
  const region = page.getByRole("combobox", { name: "Region" });
  await region.click();
  expect(await page.getByRole("option").count()).toBeGreaterThan(8);
  await page.getByRole("option", { name: /^custom/ }).click();
  await page.getByLabel("Address").fill(sysdig.url);
  await next(page).click();
  await expect(page.getByRole("alert")).toContainText("renew the token in Sysdig");
  await expect(page.getByRole("alert")).not.toContainText("wrong-token");
  await expect(token).toHaveAttribute("aria-invalid", "true");
  await expect(token).toBeFocused();
  await expect(page).toHaveURL(/\?step=account$/);
  await inspect(page, "connect-refused");

  await token.fill(sysdig.token);
  await expect(page.getByRole("alert")).toHaveCount(0);
  await page.getByRole("button", { name: "Show or hide the token" }).click();
  await expect(token).toHaveAttribute("type", "text");
  await page.keyboard.press("Escape");
  await next(page).click();

  // The clusters Sysdig told of; those that are connected say so.
  await expect(page).toHaveURL(/\?step=cluster$/);
  await expect(page.getByText("already feeds production by prod-eu")).toBeVisible();
  await next(page).click();
  await expect(page.getByText("Choose a cluster.")).toBeVisible();
  await page.getByRole("radio", { name: "playground" }).check();
  await inspect(page, "connect-cluster");

  // Back and forth nothing is lost.
  await page.goBack();
  await expect(token).toHaveValue(sysdig.token);
  await page.getByRole("link", { name: "Back" }).click();
  await expect(name).toHaveValue("playground");
  await page.getByRole("navigation", { name: "Steps" }).getByRole("link", { name: "Cluster" }).click();
  await expect(page.getByRole("radio", { name: "playground" })).toBeChecked();
  await next(page).click();

  await expect(page).toHaveURL(/\?step=environment$/);
  await page.getByRole("radio", { name: "A new environment" }).check();
  await page.getByLabel("Name of the new environment").fill("/play");
  await next(page).click();
  await expect(page.getByText("it begins with a letter or a digit.")).toBeVisible();
  await page.getByLabel("Name of the new environment").fill("play");
  await inspect(page, "connect-environment");
  await next(page).click();

  await expect(page.getByText("play (new)")).toBeVisible();
  await inspect(page, "connect-summary");
  expect(page.url()).not.toContain(sysdig.token);
  await page.getByRole("button", { name: "Enable integration" }).click();

  await expect(page.getByText(/The first sweep of playground is complete: \d+ images? runs?,/)).toBeVisible({ timeout: 30_000 });
  await expect(page).toHaveURL(/\/connect\/sysdig\?name=playground$/);
  await inspect(page, "connect-live");
  const kept = await page.evaluate(() => location.href + JSON.stringify([localStorage, sessionStorage]) + document.body.innerHTML);
  expect(kept).not.toContain(sysdig.token);

  // Another one: the account is known, the rest is asked for.
  await page.getByRole("button", { name: "Add another cluster" }).click();
  await expect(name).toHaveValue("");
  await name.fill("second");
  await next(page).click();
  await expect(token).toHaveValue(sysdig.token);
  await page.getByRole("link", { name: "Integrations", exact: true }).first().click();
  await expect(page.getByRole("main").getByRole("link", { name: /^playground/ })).toBeVisible();
});

test("what is enabled does not come back, nor does a step after a reload", async ({ page }) => {
  await settle(page);
  await open(page, "/connect/sysdig?step=summary");
  await expect(page.getByLabel("Configuration name")).toBeVisible();
  await expect(page).toHaveURL(/\?step=name$/);
  await open(page, "/connect/sysdig?name=playground", "The first sweep of playground is complete");
});

test("an integration called new has its page, and until there is one the old address leads to the wizard", async ({ page }) => {
  await settle(page);
  await open(page, "/integrations/new");
  await expect(page.getByRole("heading", { name: "Connect a source" })).toBeVisible();
  await expect(page).toHaveURL(/\/connect$/);
  await open(page, "/integrations/new/sysdig?step=name");
  await expect(page.getByLabel("Configuration name")).toBeVisible();
  await expect(page).toHaveURL(/\/connect\/sysdig\?step=name$/);

  const made = await page.request.post(`${demo.url}/api/v1/integrations`, {
    headers: { Authorization: `Bearer ${demo.token}` },
    data: { name: "new", kind: "sysdig", region: "custom", url: demo.sysdig.url, token: demo.sysdig.token, cluster: "playground", environment: "play" },
  });
  expect(made.ok(), await made.text()).toBe(true);
  await open(page, "/integrations", "prod-eu");
  await page.getByRole("main").getByRole("link", { name: /^new/ }).click();
  await expect(page.getByRole("heading", { name: "new", level: 1 })).toBeVisible();
  await open(page, "/integrations/new", "Sweep now");
  await page.getByRole("link", { name: "Integrations" }).first().click();
  await page.getByRole("link", { name: "Connect a source" }).click();
  await expect(page.getByRole("heading", { name: "Connect a source" })).toBeVisible();
});

test("a Chinese reader is told in Chinese what to correct, with the server's words below", async ({ page }) => {
  await settle(page, { language: "zh-CN" });
  await open(page, "/connect/sysdig");
  const on = page.getByRole("button", { name: "继续" });
  await page.getByLabel("配置名称").fill("chinese");
  await on.click();
  await page.getByLabel("Risk Spotlight 令牌").fill("wrong-token");
  await page.getByRole("combobox", { name: "区域" }).click();
  await page.getByRole("option", { name: /^custom/ }).click();
  await page.getByLabel("地址").fill(demo.sysdig.url);
  await on.click();
  await expect(page.getByRole("alert")).toContainText("Sysdig 不接受此令牌");
  await expect(page.getByRole("alert")).toContainText("renew the token in Sysdig");
  await page.getByLabel("地址").fill("https://nowhere.invalid");
  await on.click();
  await expect(page.getByRole("alert")).toContainText("请检查");
});
