import { expect, open, settle, test } from "./kit";

test("the overview has what is in use first, what is missing with how to mend it, and leads on", async ({ page }) => {
  await settle(page);
  await open(page, "/", "CVE-2026-31789");
  const use = page.getByRole("region", { name: "Vulnerabilities in use" });
  await expect(use.getByRole("group").first()).toContainText(/2\s*Critical\s*17\s*High/);
  const missing = page.getByRole("list", { name: "What is missing" });
  await expect(missing.getByRole("listitem")).toHaveText(/1 image: never shown to Crowsnest.*Analyse from the registry/);
  // What is in use stands before what is not, whatever its score.
  const worst = page.getByRole("table", { name: "Mend first", exact: true }).getByRole("row");
  await expect(worst.nth(1).getByRole("img", { name: "In use" })).toBeVisible();

  await page.getByRole("link", { name: "Which images, and why" }).click();
  await expect(page.getByRole("heading", { name: "What is missing", level: 1 })).toBeVisible();
  await expect(page.getByRole("main").getByText("Unresolved").first()).toBeVisible();
});

test("the overview follows the environment", async ({ page }) => {
  await settle(page);
  await open(page, "/", "CVE-2026-31789");
  await page.getByRole("combobox", { name: "Environment" }).click();
  await page.getByRole("option", { name: "staging" }).click();
  await expect(page.getByText("2 of 2 running images analysed")).toBeVisible();
  await expect(page.getByText("Every image that was seen running is analysed.")).toBeVisible();
  await expect(page.getByText("CVE-2026-31789")).toHaveCount(0);
});

test("what is new since the last visit is counted from there", async ({ page }) => {
  await settle(page);
  await open(page, "/", "What is new");
  const news = page.getByRole("region", { name: "What is new" });
  await expect(news.getByRole("row", { name: /New images/ })).toContainText(/5\s*—/);

  // A visit that ended before the demo began.
  await page.evaluate(() => {
    const visits = JSON.parse(localStorage.getItem("crowsnest.visits") ?? "{}") as Record<string, { latest: number }>;
    for (const visit of Object.values(visits)) {
      visit.latest -= 3 * 24 * 60 * 60 * 1000;
    }
    localStorage.setItem("crowsnest.visits", JSON.stringify(visits));
  });
  await page.reload();
  await expect(news.getByText("3 days ago")).toBeVisible();
  await expect(news.getByRole("row", { name: /New images/ })).toContainText(/5\s*5/);
});

test("the numbers of the overview do not move it when they come", async ({ page }) => {
  await settle(page);
  let go: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => (go = resolve));
  await page.route("**/api/v1/overview**", async (route) => {
    await gate;
    await route.continue();
  });
  await open(page, "/", "Vulnerabilities in use");
  await expect(page.getByRole("main").getByText("production").first()).toBeVisible();
  const cards = page.getByRole("region", { name: "Environments" });
  const before = await cards.boundingBox();
  go();
  await expect(page.getByText("CVE-2026-31789")).toBeVisible();
  expect((await cards.boundingBox())?.y).toBe(before?.y);
});

test("advisories that nobody checked are told of", async ({ page }) => {
  await settle(page);
  // The demo's are new: the server's answer is made older here.
  await page.route("**/api/v1/overview**", async (route) => {
    const answer = await route.fetch();
    const body = (await answer.json()) as { advisories: { ecosystem: string; stale: boolean }[] };
    await route.fulfill({ json: { ...body, advisories: body.advisories.map((a) => ({ ...a, stale: a.ecosystem === "npm" })) } });
  });
  await open(page, "/", "Advisories for npm were not checked for 48 hours.");
});

test("what was open over the days is shown of all environments together, for as long as one chooses", async ({ page }) => {
  await settle(page);
  await open(page, "/", "Day by day");
  await page.getByRole("group", { name: "Time looked back on" }).getByRole("button", { name: "365 days" }).click();
  await expect(page).toHaveURL(/days=365/);
  await expect(page.getByRole("img", { name: /365 days/ }).first()).toBeVisible();
  const figures = page.getByRole("table").filter({ hasText: "Remediated" });
  await expect(figures.getByRole("row")).toHaveCount(6);
  await open(page, "/?environment=latest-indexed", "Mend first");
  await expect(page.getByRole("group", { name: "Time looked back on" })).toHaveCount(0);
  // Nothing runs there, which must not look as if all were well.
  await expect(page.getByRole("region", { name: "Findings by severity" })).toContainText(/[1-9]\d*\s*Critical/);
  await expect(page.getByRole("region", { name: "Vulnerabilities in use" })).toHaveCount(0);
  await expect(page.getByText(/running images? analysed/)).toHaveCount(0);
  await expect(page.getByRole("columnheader", { name: /in use/i })).toHaveCount(0);
  await open(page, "/coverage?environment=latest-indexed", "Nothing runs in this environment");
});
