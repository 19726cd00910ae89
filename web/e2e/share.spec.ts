import AxeBuilder from "@axe-core/playwright";
import { expect, open, settle, test } from "./kit";

test("a vulnerability is shared with somebody who has no account, until the link is revoked", async ({ page, browser }) => {
  await settle(page);
  await open(page, "/vulnerabilities/CVE-2021-44906", "1.2.6");
  await page.getByRole("button", { name: "Share…" }).click();
  const dialog = page.getByRole("dialog", { name: "Share CVE-2021-44906" });
  await expect(dialog.getByText("Nobody shares it now.")).toBeVisible();
  await expect(dialog.getByLabel("Ends")).toHaveValue("30");
  await dialog.getByLabel("Ends").selectOption("7");
  await dialog.getByRole("button", { name: "Make a link" }).click();
  const url = (await dialog.getByText(/\/shared#crowsnestshare_/).textContent()) ?? "";
  await expect(dialog.getByRole("button", { name: "Copy" })).toBeVisible();
  const links = dialog.getByRole("region", { name: "Live links" });
  await expect(links).toContainText(process.env.E2E_EMAIL ?? "");
  expect((await new AxeBuilder({ page }).setLegacyMode(true).analyze()).violations).toEqual([]);

  // Another browser, without a cookie, and a narrow window.
  const context = await browser.newContext({ viewport: { width: 390, height: 800 } });
  const reader = await context.newPage();
  const asked: string[] = [];
  reader.on("request", (request) => asked.push(`${request.url()} ${JSON.stringify(request.headers())}`));
  const answer = await reader.goto(url);
  expect(answer?.headers()).toMatchObject({ "x-robots-tag": "noindex", "referrer-policy": "no-referrer" });
  const main = reader.getByRole("main");
  await expect(main.getByRole("heading", { name: "CVE-2021-44906", level: 1 })).toBeVisible();
  await expect(main.getByRole("region", { name: "What the sources say" })).toContainText("before 1.2.6");
  await expect(main.getByRole("region", { name: "How bad it is, by CVSS 3.1" })).toContainText("9.8");
  await expect(main.getByRole("link", { name: /^GHSA-/ }).first()).toHaveAttribute("rel", "noreferrer");
  await expect(reader.getByRole("navigation")).toHaveCount(0);
  const words = await reader.locator("body").innerText();
  for (const ours of ["shop/", "production", "staging", process.env.E2E_EMAIL ?? ""]) {
    expect(words).not.toContain(ours);
  }
  expect(await reader.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  // The secret is in no address that was asked for, and nothing but the shared vulnerability was asked.
  const secret = new URL(url).hash.slice(1);
  expect(asked.filter((request) => request.includes(secret))).toEqual([]);
  expect(asked.flatMap((request) => /\/api\/\S*/.exec(request) ?? [])).toEqual(["/api/v1/shared"]);

  await links.getByRole("button", { name: "Revoke" }).click();
  await expect(links).toContainText("Nobody shares it now.");
  await reader.reload();
  await expect(main.getByRole("heading", { name: "This link shows nothing" })).toBeVisible();
  await expect(main.getByRole("alert")).toContainText("ask whoever sent it for a new one");
  await context.close();

  await open(page, "/settings/audit?action=share.", "share.revoke");
  await expect(page.getByRole("main")).toContainText("CVE-2021-44906");
});
