import { expect, open, settle, test } from "./kit";

test.beforeEach(async ({ page }) => {
  await settle(page);
});

test("what changed since a time is in the address, and so is what narrows it", async ({ page }) => {
  await open(page, "/changes?environment=production&since=2020-01-31T12:00:00Z", "CVE-");
  const rows = page.getByRole("table").getByRole("row");
  const all = await rows.count();
  await page.getByRole("button", { name: "Critical" }).click();
  await expect(page).toHaveURL(/severity=critical/);
  await expect(page).toHaveURL(/since=2020-01-31T12/);
  await expect.poll(() => rows.count()).toBeLessThan(all);
  await page.getByLabel("Change", { exact: true }).selectOption("gone");
  await expect(page).toHaveURL(/change=gone/);
  await expect(page.getByRole("main").getByText("Nothing matches these filters")).toBeVisible();
  await page.getByRole("button", { name: "Show all" }).click();
  await expect(page).not.toHaveURL(/change=/);
  await page.getByLabel("Since").fill("2021-01-31T12:00");
  await page.getByLabel("Since").press("Enter");
  await expect(page).toHaveURL(/since=2021-01-/);
});

test("what updates changed and what was found for it, by source", async ({ page }) => {
  await open(page, "/settings/data", "Updates of advisories");
  await page.getByRole("link", { name: "Updates of advisories" }).click();
  await expect(page.getByRole("row", { name: /Debian Taken/ }).first()).toBeVisible();
  await page.getByLabel("Source").selectOption("npm");
  await expect(page).toHaveURL(/of=npm/);
  await expect(page.getByRole("row", { name: /npm Taken/ }).first()).toBeVisible();
  await expect(page.getByRole("row", { name: /Debian Taken/ })).toHaveCount(0);
});

test("what is minor can be left out, and is counted", async ({ page }) => {
  // The demo's advisories have nothing minor, so the answer is as if there were.
  await page.route(/api\/v1\/vulnerabilities\?.*ignoreMinor=true/, async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, json: { ...((await answer.json()) as object), minorHidden: 3 } });
  });
  await open(page, "/vulnerabilities", "CVE-");
  await page.getByRole("button", { name: "Without minor" }).click();
  await expect(page).toHaveURL(/ignoreMinor=true/);
  await expect(page.getByRole("main").getByText("3 more, which the distribution takes as minor")).toBeVisible();
});
