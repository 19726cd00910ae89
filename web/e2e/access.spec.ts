import { expect, open, settle, test } from "./kit";

test("a member who is invited sees everything and changes nothing", async ({ page, browser }) => {
  test.slow(); // every page that is not the member's
  await settle(page);
  await open(page, "/settings/people", process.env.E2E_EMAIL);
  await page.getByRole("button", { name: "Invite somebody" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("E-mail address").fill("member@example.com");
  await dialog.getByRole("button", { name: "Make a link" }).click();
  const url = await dialog.getByText(/\/link#/).textContent();
  await dialog.getByRole("button", { name: "Done" }).click();
  await expect(page.getByRole("table", { name: "Open invitations" }).getByText("member@example.com")).toBeVisible();

  const context = await browser.newContext();
  const member = await context.newPage();
  await member.goto(url ?? "");
  await expect(member.getByRole("heading", { name: /^Join / })).toBeVisible();
  await member.getByLabel("Your name").fill("Mia");
  await member.getByLabel("New password", { exact: true }).fill("four quiet words here");
  await member.getByRole("button", { name: "Join" }).click();
  await expect(member.getByRole("heading", { name: "Overview", level: 1 })).toBeVisible();
  const navigation = member.getByRole("navigation", { name: "Main navigation" });
  await expect(navigation.getByRole("link", { name: "Integrations" })).toBeVisible();
  await expect(navigation.getByRole("link", { name: "People" })).toHaveCount(0);
  await expect(navigation.getByRole("link", { name: "Audit log" })).toHaveCount(0);
  for (const path of ["/settings/people", "/settings/trusts", "/settings/audit", "/connect", "/connect/sysdig", "/new-policy", "/policies/Default%20non-root%20user/edit"]) {
    await member.goto((process.env.E2E_URL ?? "") + path);
    await expect(member.getByRole("alert")).toContainText("You may not see this");
    await expect(member.getByRole("main").getByRole("button")).toHaveCount(0);
    await expect(member.getByRole("main").getByRole("textbox")).toHaveCount(0);
  }

  await member.goto(`${process.env.E2E_URL ?? ""}/policies/Default%20non-root%20user`);
  await expect(member.getByRole("main").getByText("Editors and owners change policies.")).toBeVisible();
  await expect(member.getByRole("main").getByText("shop/web").first()).toBeVisible();
  await expect(member.getByRole("main").getByRole("button", { name: /Disable|Delete/ })).toHaveCount(0);

  await page.reload();
  await page.getByRole("button", { name: "New password for Mia" }).click();
  await dialog.getByRole("button", { name: "Make a link" }).click();
  await expect(dialog.getByText(/\/link#/)).toBeVisible();
  await dialog.getByRole("button", { name: "Done" }).click();

  // Removed, the member is out at once.
  await page.getByRole("button", { name: "Remove Mia" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await expect(page.getByText("member@example.com")).toHaveCount(0);
  await member.goto(`${process.env.E2E_URL ?? ""}/images`);
  await expect(member.getByRole("heading", { name: "Sign in to Crowsnest" })).toBeVisible();
  await context.close();
});

test("the last owner can neither leave nor become less", async ({ page }) => {
  await settle(page);
  await open(page, "/settings/people", process.env.E2E_EMAIL);
  const row = page.getByRole("row").filter({ hasText: process.env.E2E_EMAIL ?? "" });
  await expect(row.getByRole("combobox")).toBeDisabled();
  await expect(row.getByRole("button", { name: /^Remove / })).toBeDisabled();
});

test("a token is shown once, works, and ends at once; the log tells of it", async ({ page, request }) => {
  await settle(page);
  await open(page, "/settings/tokens", "demo");
  await page.getByRole("button", { name: "Make a token" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill("pipeline of a test");
  await dialog.getByRole("button", { name: "Make a token" }).click();
  const secret = (await dialog.getByText(/^crowsnest_/).textContent()) ?? "";
  await dialog.getByRole("button", { name: "Done" }).click();
  const images = () => request.get(`${process.env.E2E_URL ?? ""}/api/v1/images`, { headers: { Authorization: `Bearer ${secret}` } });
  expect((await images()).status()).toBe(200);

  await page.getByRole("button", { name: "Revoke pipeline of a test" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
  await expect(page.getByText("pipeline of a test")).toHaveCount(0);
  expect((await images()).status()).toBe(401);

  await open(page, "/settings/audit?action=token.", "pipeline of a test");
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export" }).click();
  await page.getByRole("menuitem", { name: "CSV" }).click();
  expect((await download).suggestedFilename()).toMatch(/\.csv$/);
});
