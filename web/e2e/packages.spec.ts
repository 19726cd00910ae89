import { expect, open, settle, test } from "./kit";

test("packages are filtered by the server, and the address keeps what was chosen", async ({ page }) => {
  await settle(page);
  await open(page, "/packages", "minimist");
  const rows = page.getByRole("main").getByRole("row");
  await expect(rows).toHaveCount(33);

  await page.keyboard.press("/");
  await page.keyboard.type("mini");
  await expect(page).toHaveURL(/q=mini/);
  await expect(rows).toHaveCount(2);
  await page.getByRole("searchbox").fill("");
  await expect(rows).toHaveCount(33);

  await page.getByRole("main").getByRole("combobox", { name: "Type" }).selectOption("npm");
  await expect(page).toHaveURL(/type=npm/);
  await page.getByRole("button", { name: "In use" }).click();
  await expect(page).toHaveURL(/inUse=true/);
  await expect(rows).not.toHaveCount(33);
  await page.getByRole("button", { name: "In use" }).click();
  await page.getByRole("button", { name: "Vulnerable" }).click();
  await expect(page).toHaveURL(/vulnerable=true/);
  await page.reload();
  await expect(rows.nth(1)).toContainText("lodash");
  await expect(rows.filter({ hasText: "shop-admin" })).toHaveCount(0);

  // The worst first: those that have nothing are not in that order.
  await page.getByRole("button", { name: "Vulnerabilities" }).click();
  await expect(page).toHaveURL(/sort=worst/);
  await expect(rows.nth(1)).toContainText("minimist");
  await expect(page.getByRole("button", { name: "Vulnerable", pressed: true })).toBeVisible();

  await open(page, "/packages?q=no-such-package");
  await expect(page.getByText("Nothing matches these filters")).toBeVisible();
  await page.getByRole("button", { name: "Show all" }).click();
  await expect(rows).toHaveCount(33);
});

test("a package leads to its versions, vulnerabilities and images", async ({ page }) => {
  await settle(page);
  await open(page, "/packages?q=minimist", "minimist");
  await page.getByRole("main").getByRole("link", { name: /minimist/ }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("minimist");

  const vulnerabilities = page.getByRole("table", { name: "Vulnerabilities" });
  await expect(vulnerabilities.getByRole("row")).toHaveCount(3);
  await expect(vulnerabilities.getByRole("row").nth(1)).toContainText("CVE-2021-44906");
  await expect(vulnerabilities.getByRole("row").nth(1)).toContainText("1.2.6");

  const images = page.getByRole("table", { name: "Images that have it" });
  await expect(images.getByRole("row")).toHaveCount(3);
  await page.getByRole("table", { name: "Versions" }).getByRole("link", { name: "1.2.0" }).click();
  await expect(page).toHaveURL(/version=1\.2\.0/);
  await expect(page.getByRole("table", { name: "Images that have it: 1.2.0" }).getByRole("row")).toHaveCount(2);
  await page.getByRole("button", { name: "Any version" }).click();
  await expect(images.getByRole("row")).toHaveCount(3);
});

test("the address of a type alone leads to its list", async ({ page }) => {
  await settle(page);
  await open(page, "/packages/golang", "stdlib");
  await expect(page).toHaveURL(/\/packages\?type=golang$/);
});
