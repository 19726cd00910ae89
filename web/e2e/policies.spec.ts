import { expect, goByKeys, open, settle, test, webImage } from "./kit";

const fixable = "No fixable critical or high vulnerabilities";
const path = `/policies/${encodeURIComponent(fixable)}`;

test("policies tell how many images meet them, where one looks, and lead to those that do not", async ({ page }) => {
  await settle(page);
  await open(page, "/policies", fixable);
  const row = page.getByRole("row").filter({ hasText: fixable });
  await expect(row).toContainText(/20%\s*1 of 5/);
  await expect(row.getByRole("img", { name: "1 of 5 images meet it" })).toBeVisible();
  // What is not known must not look like what is met.
  await expect(page.getByRole("row").filter({ hasText: "No high-profile vulnerabilities" })).toContainText(/No data\s*0 of 5/);

  await page.getByRole("combobox", { name: "Environment" }).click();
  await page.getByRole("option", { name: "staging" }).click();
  await expect(row).toContainText(/50%\s*1 of 2/);
  await row.getByRole("link", { name: "1", exact: true }).click();
  await expect(page).toHaveURL(/\/policies\/No%20fixable.*environment=staging.*status=non-compliant|\/policies\/No%20fixable.*status=non-compliant.*environment=staging/);
  await expect(page.getByText("1 shown · filtered")).toBeVisible();

  // Nothing ever ran in the environment that is built in, so that there is no history of it.
  await open(page, "/policies?environment=latest-indexed", fixable);
  await expect(page.getByRole("columnheader", { name: "Change" })).toHaveCount(0);
  await open(page, `${path}?environment=latest-indexed`, "shop/admin");
  await expect(page.getByRole("region", { name: "Day by day" })).toHaveCount(0);
});

test("a policy says what it asks, which images break it, what would mend each, and what changed why", async ({ page }) => {
  await settle(page);
  await open(page, path, "shop/frontend");
  const rule = page.getByRole("region", { name: "What it asks" });
  await expect(rule).toContainText("It has no vulnerability of severity Critical, High that has a fix.");
  await rule.getByText("Parameters").click();
  await expect(rule.getByText("Only with a fix")).toBeVisible();
  await expect(page.getByRole("region", { name: "How many meet it" })).toContainText(/Compliant\s*1\s*No data\s*0\s*Non-compliant\s*4/);
  const trend = page.getByRole("region", { name: "Day by day" });
  await expect(trend.getByRole("img", { name: /on the last day 1 compliant, 4 non-compliant, 0 without data/ })).toBeVisible();
  await trend.getByText("As a table").click();
  await expect(trend.getByRole("row").nth(1)).toContainText(/1\s*0\s*4\s*31/);

  await page.getByRole("button", { name: /^What breaks it in .*shop\/frontend:1.0/ }).press("Enter");
  await expect(page.getByText("CVE-2021-44906 is in minimist 1.2.0")).toBeVisible();
  await expect(page.getByText("upgrade minimist to 1.2.6 or later").last()).toBeVisible();

  const filters = page.getByRole("group", { name: "Filter by status" });
  await filters.getByRole("button", { name: "Compliant 1", exact: true }).click();
  await expect(page).toHaveURL(/status=compliant/);
  await expect(page.getByText("1 shown · filtered")).toBeVisible();
  await page.getByRole("button", { name: "Show all" }).click();

  await page.getByRole("main").getByRole("link", { name: "What changed" }).click();
  const changes = page.getByRole("table", { name: "What changed" });
  // Advisories came after the images.
  await expect(changes.getByRole("row").nth(1)).toContainText(/No data.*(Non-compliant|Compliant).*Outside of it/);
  await expect(changes.getByRole("row").last()).toContainText(/first asked.*No data.*The image/);
  await changes.getByRole("link").first().click();
  await expect(page).toHaveURL(/\/images\/.*tab=policies/);
});

test("an editor makes a policy, changes it, disables it, and deletes it with its history", async ({ page }) => {
  await settle(page);
  await open(page, "/policies", fixable);
  await page.getByRole("link", { name: "New policy" }).click();
  const main = page.getByRole("main");
  await main.getByLabel("Type", { exact: true }).selectOption({ label: "Approved base images" });
  await expect(page).toHaveURL(/type=approved-base-image/);
  const patterns = main.getByLabel("Approved base images");
  await expect(patterns).toHaveValue("*");
  await patterns.fill("");
  await main.getByRole("button", { name: "Create policy" }).click();
  await expect(main.getByText("Choose at least 1")).toBeVisible();
  await expect(main.getByText("This is needed")).toBeVisible();
  await expect(patterns).toBeFocused();

  // What only the server knows is told at the field too.
  await patterns.fill("docker.io/library/*\nhttps://x y");
  await main.getByLabel("Name", { exact: true }).fill(fixable);
  await main.getByRole("button", { name: "Create policy" }).click();
  await expect(patterns).toHaveAttribute("aria-invalid", "true");
  await expect(main.getByText(/write references in full/).first()).toBeVisible();
  await patterns.fill("docker.io/library/*");
  await main.getByRole("button", { name: "Create policy" }).click();
  await expect(main.getByLabel("Name", { exact: true })).toHaveAttribute("aria-invalid", "true");

  const name = "Ours (of a test)";
  await main.getByLabel("Name", { exact: true }).fill(name);
  await main.getByLabel("production").check();
  await main.getByLabel("Weight in the score").fill("0");
  await main.getByRole("button", { name: "Create policy" }).click();
  await expect(page.getByRole("heading", { name, level: 1 })).toBeVisible();
  await expect(main).toContainText("It is built on docker.io/library/*.");
  await expect(main).toContainText("what runs in production");
  await expect(main.getByText("Does not count in the score")).toBeVisible();
  // Asked within seconds, and shown by itself.
  await expect(main.getByRole("table", { name: "Images" }).getByText("shop/web").or(main.getByRole("table", { name: "Images" }).getByText(/web/)).first()).toBeVisible({ timeout: 20_000 });

  await page.getByRole("link", { name: "Edit" }).click();
  await expect(main.getByLabel("production")).toBeChecked();
  await main.getByLabel("Description").fill("Only what the hub keeps.");
  await main.getByRole("button", { name: "Save" }).click();
  await expect(main.getByText("Only what the hub keeps.")).toBeVisible();

  await page.getByRole("button", { name: "Disable" }).click();
  await expect(main.getByText(/This policy is disabled/)).toBeVisible();
  await page.getByRole("button", { name: "Enable" }).click();
  await expect(main.getByText(/This policy is disabled/)).toHaveCount(0);

  await page.getByRole("button", { name: "Delete" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByRole("button", { name: "Delete" })).toBeDisabled();
  await dialog.getByRole("textbox").fill(name);
  await dialog.getByRole("button", { name: "Delete" }).click();
  await expect(page).toHaveURL(/\/policies$/);
  await expect(main.getByText(fixable)).toBeVisible();
  await expect(main.getByText(name)).toHaveCount(0);
});

test("an editor writes a policy in Rego, is told what is wrong as it is typed, and sees its columns", async ({ page }) => {
  await settle(page);
  await open(page, "/new-policy?type=rego", "Rego");
  const main = page.getByRole("main");
  const text = main.getByLabel("Policy", { exact: true });
  const rego = (rules: string) =>
    `# METADATA\n# title: No openssl\n# custom:\n#   weight: 25\n#   details_order: [purl, kind]\npackage docker.scout\n\ndefault pass := false\n\npass if count(violation) == 0\n\nviolation contains v if {\n\tsome a in input.artifacts\n\ta.name == "libssl3"\n\t${rules}\n}\n`;
  await text.fill(rego('v := http.send({"url": "http://example.com"})'));
  await expect(main.getByText(/http\.send is not available: a policy has no network/).first()).toBeVisible();
  await expect(text).toHaveAttribute("aria-invalid", "true");

  await text.fill(rego('v := {"message": "openssl is there", "detail": {"purl": a.purl, "kind": a.type}, "remediation": "take it out"}'));
  await expect(main.getByText("It can be asked: “No openssl”, with weight 25.")).toBeVisible();
  await expect(main.getByLabel("Weight in the score")).toHaveValue("25");
  await expect(text).not.toHaveAttribute("aria-invalid", "true");
  await main.getByLabel("Configuration").fill("[");
  const name = "No openssl (of a test)";
  await main.getByLabel("Name", { exact: true }).fill(name);
  await main.getByRole("button", { name: "Create policy" }).click();
  await expect(main.getByText(/Write an object in JSON/)).toBeVisible();
  await main.getByLabel("Configuration").fill('{"a": 1}');
  await main.getByRole("button", { name: "Create policy" }).click();
  await expect(page.getByRole("heading", { name, level: 1 })).toBeVisible();
  const rule = page.getByRole("region", { name: "What it asks" });
  await expect(rule).toContainText("No openssl");
  await rule.getByText("Parameters").click();
  await expect(rule.getByText("package docker.scout")).toBeVisible();

  await page.getByRole("button", { name: /^What breaks it in .*shop\/web:1.0/ }).click({ timeout: 30_000 });
  await expect(main.getByText("openssl is there").first()).toBeVisible();
  await expect(main.getByRole("definition").filter({ hasText: "pkg:deb/debian/libssl3" }).first()).toBeVisible();

  await page.getByRole("button", { name: "Delete" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox").fill(name);
  await dialog.getByRole("button", { name: "Delete" }).click();
  await expect(page).toHaveURL(/\/policies$/);
});

test("policies are on the overview, in the navigation and in the palette", async ({ page }) => {
  await settle(page);
  await open(page, "/?environment=production", "CVE-2026-31789");
  const cards = page.getByRole("region", { name: "Policies" });
  // The most broken first.
  await expect(cards.getByRole("link").nth(1)).toContainText(/0%\s*0 of 3/);
  await cards.getByRole("link", { name: /^Supply chain attestations/ }).click();
  await expect(page.getByRole("heading", { name: "Supply chain attestations", level: 1 })).toBeVisible();
  await expect(page).toHaveURL(/environment=production/);

  await goByKeys(page, "l", "Policies");
  await page.keyboard.press("ControlOrMeta+k");
  await page.getByRole("combobox", { name: "Search and commands" }).fill("agpl");
  await page.getByRole("option", { name: "No AGPL v3 licences" }).click();
  await expect(page.getByRole("heading", { name: "No AGPL v3 licences", level: 1 })).toBeVisible();
});

test("an image says which policies it meets, and how its grade comes about", async ({ page }) => {
  await settle(page);
  const { digest } = await webImage();
  await open(page, `/images/${digest}`, "27 shown");
  await page.getByRole("link", { name: /^Policies 3/ }).click();
  const table = page.getByRole("table", { name: "Policies" });
  await expect(table.getByRole("row").filter({ hasText: "No outdated base images" })).toContainText(/No data.*build it with provenance/);
  await expect(table.getByText("Build it with docker buildx build --provenance=mode=max").or(table.getByText("build it with docker buildx build --provenance=mode=max"))).toBeVisible();
  await expect(table.getByText(/^upgrade libssl3 to/i)).toHaveCount(4); // two policies, each the first five
  await table.getByRole("button", { name: "Show all 14" }).first().click();
  await expect(table.getByRole("button", { name: "Show fewer" })).toBeVisible();

  await page.getByRole("button", { name: "Health score E: how it comes about" }).first().click();
  const explained = page.getByRole("dialog");
  await expect(explained).toContainText("25 of 90 points, 28%");
  await expect(explained.getByRole("row").filter({ hasText: "Supply chain attestations" })).toContainText("0 of 15 points");
  await page.keyboard.press("Escape");

  // Where it runs policies may say otherwise.
  await open(page, `/images/${digest}?tab=policies&environment=production`, "as it runs in production");
});

test("what was found explains itself, and so does what was not", async ({ page }) => {
  await settle(page);
  const { digest } = await webImage();
  await open(page, `/images/${digest}`, "27 shown");
  await page.getByRole("button", { name: "Why CVE-2026-31789 was found in libssl3" }).press("Enter");
  const main = page.getByRole("main");
  await expect(main.getByText("openssl 3.0.17-1~deb12u2 lies in a range for Debian:12")).toBeVisible();
  await expect(main.getByText("decides", { exact: true })).toBeVisible();
  await expect(main.getByRole("list", { name: "How 3.0.17-1~deb12u2 compares" }).getByRole("listitem")).toHaveText([/introduced the first/, /installed 3\.0\.17-1~deb12u2/, /fixed 3\.0\.19-1~deb12u2/]);

  // What one looks for and does not find.
  await page.keyboard.press("/");
  await page.keyboard.type("CVE-2021-44906");
  await page.getByRole("button", { name: "Why is CVE-2021-44906 not here?" }).click();
  await expect(page).toHaveURL(/why=CVE-2021-44906/);
  await expect(main.getByText("CVE-2021-44906 was not found: the advisories held about it are of npm, of which the image has no package.")).toBeVisible();
  await main.getByLabel("A CVE or any other name").fill("CVE-2099-1");
  await main.getByRole("button", { name: "Ask" }).click();
  await expect(main.getByText("CVE-2099-1 was not found: no advisory of that name is held.")).toBeVisible();
  await page.reload();
  await expect(main.getByText(/no advisory of that name is held/)).toBeVisible();
  await page.getByRole("button", { name: "Close" }).click();
  expect(page.url()).not.toContain("why=");

  await open(page, "/vulnerabilities/CVE-2026-31789", "Images that have it");
  await page.getByRole("button", { name: /^Why .*shop\/web:1.0 has CVE-2026-31789/ }).click();
  await expect(page.getByRole("main").getByText("CVE-2026-31789 was found.")).toBeVisible();
  await expect(page.getByRole("main").getByText("openssl 3.0.17-1~deb12u2 lies in a range for Debian:12")).toHaveCount(2);
});

test("what policies say that cannot be asked leaves the rest of a page", async ({ page }) => {
  await settle(page);
  await page.route("**/api/v1/policies?**", (route) => route.fulfill({ status: 503, json: { title: "Service Unavailable", detail: "the database does not answer" } }));
  await open(page, "/", "CVE-2026-31789");
  await expect(page.getByRole("region", { name: "Policies" }).getByRole("alert")).toContainText("the database does not answer");
  await open(page, path, "shop/frontend");
  await expect(page.getByRole("region", { name: "How many meet it" }).getByRole("alert")).toBeVisible();
  await expect(page.getByRole("region", { name: "What it asks" })).toContainText("that has a fix");
});
