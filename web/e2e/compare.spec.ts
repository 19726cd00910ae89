import { expect, open, settle, test, webImage } from "./kit";

test("an image is compared with what runs, from its own page", async ({ page }) => {
  await settle(page);
  const { digest } = await webImage();
  await open(page, `/images/${digest}`, "shown");
  await page.getByRole("button", { name: "Compare" }).click();
  await page.getByRole("menuitem", { name: "With what runs in staging" }).click();
  await expect(page).toHaveURL(/\/compare\?.*toEnvironment=staging/);
  const findings = page.getByRole("table", { name: "Vulnerabilities" });
  await expect(findings.getByText("New").first()).toBeVisible();
  await expect(page.getByRole("table", { name: "Both sides" }).getByRole("row")).toHaveCount(9);

  // What is on both sides is hidden, and counted.
  await page.getByRole("group", { name: "Filter by change" }).getByRole("button", { name: /^New/ }).click();
  await expect(page).toHaveURL(/change=fixed/);
  await page.reload();
  await expect(page.getByRole("group", { name: "Filter by change" }).getByRole("button", { name: /^Fixed/ })).toHaveAttribute("aria-pressed", "true");
  await page.getByRole("navigation", { name: "Parts of the comparison" }).getByRole("link", { name: "Packages" }).click();
  await expect(page.getByRole("table", { name: "Packages" }).getByText("graded").first()).toBeVisible();
  await page.getByRole("navigation", { name: "Parts of the comparison" }).getByRole("link", { name: "Policies" }).click();
  const policies = page.getByRole("table", { name: "Policies" });
  await expect(policies.getByRole("row", { name: /Better|Worse/ }).first()).toContainText("fixable critical or high");
  await expect(policies.getByText("in use")).toHaveCount(0); // how an image runs cannot be compared with one that does not
});

test("two environments are compared by repository, and each leads to its images", async ({ page }) => {
  await settle(page);
  await open(page, "/environments/staging", "shop/");
  await page.getByRole("link", { name: "Compare with…" }).click();
  await expect(page.getByText("Choose what to compare")).toBeVisible();
  await page.getByRole("combobox", { name: "Compared with" }).click();
  await page.getByRole("option", { name: "production" }).click();
  await expect(page).toHaveURL(/from=staging&toEnvironment=production/);
  const table = page.getByRole("table", { name: "Repositories" });
  await expect(table.getByRole("row").nth(1)).toBeVisible();
  const policies = page.getByRole("table", { name: "Policies of production, by repository" });
  const fixable = policies.getByRole("row").filter({ hasText: "No fixable critical or high vulnerabilities" });
  await expect(fixable).toContainText("Better");
  await expect(fixable).toContainText("shop/web");
  await table.getByRole("link", { name: /shop\/ ?web/ }).first().click();
  await expect(page).toHaveURL(/\/compare\?.*image=sha256/);
  await expect(page.getByRole("table", { name: "Both sides" })).toBeVisible();
});
