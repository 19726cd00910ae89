import type { Browser, Page } from "@playwright/test";
import { expect, open, settle, test } from "./kit";
import { redeem } from "./server";

const password = "four quiet words here";

/** A new member with a session; the owner's account is that of the other tests. */
async function join(browser: Browser, email: string): Promise<Page> {
  const answer = await fetch(`${process.env.E2E_URL ?? ""}/api/v1/invitations`, {
    method: "POST",
    headers: { Authorization: `Bearer ${process.env.E2E_TOKEN ?? ""}`, "Content-Type": "application/json" },
    body: JSON.stringify({ email, role: "member" }),
  });
  const { url } = (await answer.json()) as { url: string };
  const context = await browser.newContext({ locale: "en-GB" });
  const page = await context.newPage();
  const cookie = await redeem(url, { name: "Mona", password });
  await context.addCookies([{ name: "crowsnest_session", value: cookie, url: process.env.E2E_URL ?? "" }]);
  return page;
}

async function signIn(browser: Browser, email: string, secret: string): Promise<Page> {
  const page = await (await browser.newContext({ locale: "en-GB" })).newPage();
  await open(page, "/sign-in?next=/account");
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(secret);
  await page.getByRole("button", { name: "Sign in" }).click();
  return page;
}

test("a person changes name and language, which go along to another browser", async ({ browser }) => {
  const email = "name@example.com";
  const page = await join(browser, email);
  await open(page, "/", "Coverage");
  await page.getByRole("button", { name: "Account" }).click();
  await page.getByRole("menuitem", { name: "My account" }).click();
  await expect(page.getByRole("heading", { name: "My account", level: 1 })).toBeVisible();

  const save = page.getByRole("button", { name: "Save" });
  await expect(save).toBeDisabled();
  await page.getByLabel("Your name").fill("Mona Lisa");
  await page.getByRole("main").getByLabel("Language").selectOption("简体中文");
  await save.click();
  await expect(page.getByRole("heading", { name: "我的账户", level: 1 })).toBeVisible();
  await page.reload();
  await expect(page.getByLabel("您的姓名")).toHaveValue("Mona Lisa");

  const other = await signIn(browser, email, password);
  await expect(other.getByRole("heading", { name: "我的账户", level: 1 })).toBeVisible();
  await other.context().close();
  await page.context().close();
});

test("a new password ends all other sessions, and a wrong one changes nothing", async ({ browser }) => {
  const email = "password@example.com";
  const page = await join(browser, email);
  const other = await signIn(browser, email, password);
  await expect(other.getByText("This session")).toBeVisible();

  await open(page, "/account", "This session");
  const change = page.getByRole("button", { name: "Change the password" });
  await page.getByLabel("Present password").fill("not the password");
  await page.getByLabel("New password").fill("five other quiet words");
  await change.click();
  await expect(page.getByRole("alert")).toContainText("The password was not changed.");
  await expect(page.getByLabel("Present password")).toHaveValue("not the password");

  await page.getByLabel("Present password").fill(password);
  await change.click();
  await expect(page.getByText("The password is changed")).toBeVisible();
  await expect(page.getByRole("table", { name: "Where you are signed in" }).getByRole("row")).toHaveCount(2);
  await other.reload();
  await expect(other.getByRole("heading", { name: "Sign in to Crowsnest" })).toBeVisible();
  const again = await signIn(browser, email, "five other quiet words");
  await expect(again.getByText("This session")).toBeVisible();
  await Promise.all([again, other, page].map((p) => p.context().close()));
});

test("sessions are ended one by one or all but this", async ({ browser }) => {
  const email = "sessions@example.com";
  const page = await join(browser, email);
  const others = [await signIn(browser, email, password), await signIn(browser, email, password), await signIn(browser, email, password)];
  await Promise.all(others.map((o) => expect(o.getByText("This session")).toBeVisible()));

  await open(page, "/account", "This session");
  const rows = page.getByRole("table", { name: "Where you are signed in" }).getByRole("row");
  await expect(rows).toHaveCount(5);
  await expect(rows.filter({ hasText: "Chrome on" })).toHaveCount(3);
  await page.getByRole("button", { name: /^End Chrome on/ }).first().click();
  await expect(rows).toHaveCount(4);
  await page.getByRole("button", { name: "End all others" }).click();
  await expect(rows).toHaveCount(2);
  await expect(page.getByRole("button", { name: "End all others" })).toBeDisabled();
  for (const other of others) {
    await other.reload();
    await expect(other.getByRole("heading", { name: "Sign in to Crowsnest" })).toBeVisible();
    await other.context().close();
  }
  await page.context().close();
});

test("the audit log is narrowed to days, in the list and in its export", async ({ page }) => {
  await settle(page);
  await open(page, "/settings/audit?action=integration.create", "integration.create");
  const now = new Date();
  const day = (offset: number) => {
    const d = new Date(now.getFullYear(), now.getMonth(), now.getDate() + offset);
    return [d.getFullYear(), String(d.getMonth() + 1).padStart(2, "0"), String(d.getDate()).padStart(2, "0")].join("-");
  };
  await page.getByLabel("to", { exact: true }).fill(day(-2));
  await expect(page).toHaveURL(new RegExp(`to=${day(-2)}`));
  await expect(page.getByText("Nothing matches these filters")).toBeVisible();
  await page.getByRole("button", { name: "Export" }).click();
  expect(new URL((await page.getByRole("menuitem", { name: "CSV" }).getAttribute("href")) ?? "", page.url()).searchParams.get("until")).not.toBeNull();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Show all" }).click();
  await page.getByLabel("From", { exact: true }).fill(day(-1));
  await expect(page.getByRole("main").getByRole("row").nth(1)).toBeVisible();
});
