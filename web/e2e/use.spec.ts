import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import { expect, goByKeys, open, settle, test, webImage } from "./kit";

async function signIn(page: Page, password: string): Promise<void> {
  await page.getByLabel("E-mail address").fill(process.env.E2E_EMAIL ?? "");
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

test("signs in, stays where one wanted to go, and signs out", async ({ page }) => {
  await open(page, "/images?environment=production&q=web");
  await expect(page).toHaveURL(/\/sign-in\?next=/);
  await signIn(page, "not the password");
  await expect(page.getByText("do not belong together")).toBeVisible();

  await signIn(page, process.env.E2E_PASSWORD ?? "");
  await expect(page).toHaveURL(/\/images\?environment=production&q=web$/);
  await expect(page.getByRole("main").getByText("shop/web").first()).toBeVisible();

  await page.getByRole("button", { name: "Account" }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { name: "Sign in to Crowsnest" })).toBeVisible();
  expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
  await page.reload();
  await expect(page.getByRole("heading", { name: "Sign in to Crowsnest" })).toBeVisible();
});

test("a link to sign in leads to no other site", async ({ page }) => {
  await open(page, "/sign-in?next=//example.com/images");
  await signIn(page, process.env.E2E_PASSWORD ?? "");
  await expect(page.getByRole("heading", { name: "Images", level: 1 })).toBeVisible();
  expect(new URL(page.url()).hostname).toBe("127.0.0.1");
});

test("a one-time link that is used up says so, and leaves the address bar", async ({ page }) => {
  await open(page, "/link#crowsnestlink_used");
  await expect(page.getByRole("alert")).toContainText("does not work any more");
  expect(page.url()).toBe(`${process.env.E2E_URL ?? ""}/link`);
});

test("the environment stays chosen from page to page", async ({ page }) => {
  await settle(page);
  await open(page, "/images", "shop/admin");
  const rows = page.getByRole("main").getByRole("row");
  await expect(rows).toHaveCount(6);

  await page.getByRole("combobox", { name: "Environment" }).click();
  await page.getByRole("option", { name: "production" }).click();
  await expect(page).toHaveURL(/\/images\?environment=production$/);
  await expect(rows).toHaveCount(4);
  await expect(page.getByRole("main").getByText("shop/admin")).toHaveCount(0);

  await page.getByRole("link", { name: "Vulnerabilities" }).click();
  await expect(page).toHaveURL(/\/vulnerabilities\?environment=production$/);
  await page.getByRole("link", { name: "Integrations" }).click();
  await expect(rows).toHaveCount(2);

  await page.getByRole("combobox", { name: "Environment" }).click();
  await page.getByRole("option", { name: "All environments" }).click();
  await expect(page).toHaveURL(/\/integrations$/);
  await expect(rows).toHaveCount(3);
});

test("on the page of an environment the selector leads to the other one", async ({ page }) => {
  await settle(page);
  await open(page, "/environments/production?tab=occurrences", "Running");
  await page.getByRole("combobox", { name: "Environment" }).click();
  await page.getByRole("option", { name: "staging" }).click();
  await expect(page.getByRole("heading", { name: "staging", level: 1 })).toBeVisible();
  await expect(page).toHaveURL(/\/environments\/staging\?/);
});

test("filters of findings are in the address and count what they hide", async ({ page }) => {
  await settle(page);
  const { digest } = await webImage();
  await open(page, `/images/${digest}`, "27 shown");
  await page.getByRole("button", { name: "Critical", pressed: false }).click();
  await expect(page).toHaveURL(/severity=critical/);
  await expect(page.getByText("3 shown · 24 hidden by filters")).toBeVisible();

  await page.getByRole("button", { name: "High", pressed: false }).click();
  await expect(page).toHaveURL(/severity=critical,high/);
  await page.reload();
  await expect(page.getByText("15 shown · 12 hidden by filters")).toBeVisible();

  await page.getByRole("button", { name: "Show all" }).click();
  await expect(page.getByText("27 shown")).toBeVisible();
  expect(new URL(page.url()).search).toBe("");
});

test("vulnerabilities are filtered by the server, by text as well", async ({ page }) => {
  await settle(page);
  await open(page, "/vulnerabilities?severity=critical", "CVE-");
  const rows = page.getByRole("main").getByRole("row");
  await expect(rows).toHaveCount(4);
  await page.keyboard.press("/");
  await page.keyboard.type("minimist");
  await expect(page).toHaveURL(/q=minimist/);
  await expect(rows).toHaveCount(2);
  await expect(page.getByText("1 shown · filtered")).toBeVisible();
  await page.getByRole("button", { name: "Show all" }).click();
  await expect(page).toHaveURL(/\/vulnerabilities$/);
  await expect(rows).toHaveCount(35);

  // A name that the row does not show.
  await open(page, "/vulnerabilities?q=ghsa-", "CVE-2021-44906");
  await open(page, "/vulnerabilities?fixable=true&severity=critical", "2 shown · filtered");
  await expect(rows.filter({ hasText: "No fix" })).toHaveCount(0);
});

test("the most urgent come first; what is not known to be exploited does not look safe while nothing is known", async ({ page }) => {
  await settle(page);
  await open(page, "/vulnerabilities", "CVE-");
  const rows = page.getByRole("main").getByRole("row");
  await page.getByRole("combobox", { name: "Order" }).selectOption("Most urgent first");
  await expect(page).toHaveURL(/sort=urgency/);
  // What is in use goes before what is worse and not in use.
  await expect(rows.nth(1)).toContainText("CVE-2026-31789");
  await expect(rows).toHaveCount(35);
  await page.getByRole("button", { name: "Exploited" }).click();
  await expect(page).toHaveURL(/kev=true/);
  await expect(page.getByText("Not held here")).toBeVisible();
});

test("images are filtered by the server, in the list and in an environment", async ({ page }) => {
  await settle(page);
  await open(page, "/images", "shop/admin");
  const rows = page.getByRole("main").getByRole("row");
  await page.keyboard.press("/");
  await page.keyboard.type("SHOP/WEB");
  await expect(page).toHaveURL(/q=SHOP/);
  await expect(rows).toHaveCount(3);

  await open(page, "/environments/production", "shop/worker");
  await page.keyboard.press("/");
  await page.keyboard.type("frontend");
  await expect(page).toHaveURL(/q=frontend/);
  await expect(rows).toHaveCount(2);
  await page.reload();
  await expect(rows).toHaveCount(2);
  await page.getByRole("searchbox").fill("no such image");
  await expect(page.getByText("Nothing matches these filters")).toBeVisible();
  await page.getByRole("button", { name: "Show all" }).click();
  await expect(rows).toHaveCount(4);
});

test("the environment that is built in has a page and can be chosen, but runs nothing", async ({ page }) => {
  await settle(page);
  await open(page, "/environments", "built in");
  await page.getByRole("main").getByRole("link", { name: "latest-indexed" }).click();
  await expect(page.getByRole("heading", { name: "latest-indexed", level: 1 })).toBeVisible();
  const main = page.getByRole("main");
  const rows = main.getByRole("row");
  await expect(rows).toHaveCount(5);
  await expect(main.getByText(":1.0")).toHaveCount(3); // the newer web is 2.0
  await expect(main.getByRole("button", { name: /^Workloads of/ })).toHaveCount(0);
  await expect(main.getByRole("navigation", { name: "Parts of the environment" })).toHaveCount(0);
  await page.getByRole("searchbox").fill("web");
  await expect(rows).toHaveCount(2);

  await open(page, "/vulnerabilities", "CVE-");
  await page.getByRole("combobox", { name: "Environment" }).click();
  await page.getByRole("option", { name: "latest-indexed (built in)" }).click();
  await expect(page).toHaveURL(/environment=latest-indexed/);
  await expect(page.getByText("In the newest analysed image of each repository and platform")).toBeVisible();
  await expect(rows.nth(1)).toContainText("CVE-");
  await page.getByRole("link", { name: "Overview" }).click();
  await expect(page.getByRole("heading", { name: "Mend first", exact: true })).toBeVisible();
});

test("keys lead everywhere", async ({ page }) => {
  await settle(page);
  await open(page, "/", "Mend first");
  await goByKeys(page, "i", "Images");
  await expect(page.getByRole("main").getByText("shop/web").first()).toBeVisible();
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.keyboard.press("k");
  await expect(page.getByRole("row").nth(1).getByRole("link")).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/images\/sha256:/);

  await page.keyboard.press("ControlOrMeta+k");
  await page.getByRole("combobox", { name: "Search and commands" }).fill("shop/work");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1 })).toContainText("worker");
});

test("the workloads of a running image open below it", async ({ page }) => {
  await settle(page);
  await open(page, "/environments/production", "shop/web");
  await page.getByRole("button", { name: /Workloads of .*shop\/worker/ }).click();
  await expect(page.getByText("statefulset")).toBeVisible();
});

test("a running image that is not known is analysed from its gap", async ({ page }) => {
  await settle(page);
  await open(page, "/environments/production?tab=gaps", "Unresolved");
  await page.getByRole("main").getByRole("button", { name: "Analyse image" }).click();
  // A registry that is not there: the failure is shown with its reason.
  await page.getByLabel("Image reference").fill("127.0.0.1:9/shop/debug:1.0");
  await page.getByRole("button", { name: "Analyse", exact: true }).click();
  await expect(page.getByText("The analysis failed.")).toBeVisible({ timeout: 20_000 });
});

test("what is in an image is saved in each format", async ({ page }) => {
  await settle(page);
  const { digest } = await webImage();
  await open(page, `/images/${digest}?tab=details`, "Image ID");
  const download = async (as: string) => {
    await page.getByRole("button", { name: "Download SBOM" }).click();
    const saved = page.waitForEvent("download");
    await page.getByRole("menuitem", { name: as }).click();
    const file = await saved;
    return { name: file.suggestedFilename(), content: JSON.parse(await readFile(await file.path(), "utf8")) as unknown };
  };
  const all = await download("Everything known (JSON)");
  expect(all.name).toMatch(/\.packages\.json$/);
  expect(all.content).toMatchObject({ image: { digest } });
  expect((all.content as { packages: unknown[] }).packages).toHaveLength(18);
  const spdx = await download("SPDX 2.3 (JSON)");
  expect(spdx.name).toMatch(/^[0-9a-f]{12}\.spdx\.json$/);
  expect(spdx.content).toMatchObject({ spdxVersion: "SPDX-2.3", SPDXID: "SPDXRef-DOCUMENT" });
  const cyclonedx = await download("CycloneDX 1.6 (JSON)");
  expect(cyclonedx.content).toMatchObject({ bomFormat: "CycloneDX", specVersion: "1.6", metadata: { component: { version: digest } } });
});

test("a server that fails is told of, with a way to try again", async ({ page }) => {
  await settle(page);
  await page.route("**/api/v1/integrations", (route) =>
    route.fulfill({ status: 503, contentType: "application/problem+json", body: JSON.stringify({ detail: "the database does not answer" }) }),
  );
  await open(page, "/integrations", "Something went wrong");
  await expect(page.getByText("the database does not answer")).toBeVisible();
  await page.unroute("**/api/v1/integrations");
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByRole("main").getByText("prod-eu").first()).toBeVisible();
});

test("language and theme are chosen at once and stay", async ({ page }) => {
  await settle(page);
  await open(page, "/images", "shop/web");
  await page.getByRole("button", { name: "Language" }).click();
  await page.getByRole("menuitem", { name: "简体中文" }).click();
  await expect(page.getByRole("heading", { name: "镜像", level: 1 })).toBeVisible();
  await page.reload();
  await expect(page.getByRole("heading", { name: "镜像", level: 1 })).toBeVisible();
  await page.getByRole("button", { name: "主题" }).click();
  await page.getByRole("menuitem", { name: "深色" }).click();
  await expect(page.locator("html")).toHaveAttribute("data-mantine-color-scheme", "dark");
});

test("of a long list only what is near the window is in the page, and more comes by scrolling", async ({ page }) => {
  await settle(page);
  // The demo is small: the server's answers are made up here, in its form.
  const image = (i: number) => ({
    name: `registry.example.com/shop/image-${String(i).padStart(4, "0")}:1.0`,
    digest: `sha256:${String(i).padStart(64, "0")}`,
    imageId: `sha256:${String(i).padStart(64, "1")}`,
    platform: "linux/amd64",
    distribution: "",
    size: 1000,
    packages: 1,
    state: "analysed",
    recorded: "2026-01-01T00:00:00Z",
    summary: { critical: 0, high: 0, medium: 0, low: 0, unspecified: 0 },
    environments: [],
  });
  await page.route("**/api/v1/images?**", (route) => {
    const from = Number(new URL(route.request().url()).searchParams.get("cursor") ?? 0);
    const items = Array.from({ length: 100 }, (_, i) => image(from + i));
    return route.fulfill({ json: from < 900 ? { items, next: String(from + 100) } : { items } });
  });
  await open(page, "/images", "image-0000");
  const rows = page.locator("main tbody tr[aria-rowindex]");
  await expect(page.getByText("100 shown · there are more")).toBeAttached();
  for (let i = 0; i < 40 && (await page.getByText("1,000 shown").count()) === 0; i++) {
    await page.evaluate(() => {
      scrollTo(0, document.documentElement.scrollHeight);
    });
    await page.waitForTimeout(100); // for a frame and an answer; the loop is what is waited for
  }
  await page.evaluate(() => {
    scrollTo(0, document.documentElement.scrollHeight);
  });
  await expect(page.getByText("1,000 shown")).toBeVisible();
  await expect(page.getByText("image-0999")).toBeAttached();
  expect(await rows.count()).toBeLessThan(120);
  // Back at the top the first rows stand where they did.
  await page.evaluate(() => {
    scrollTo(0, 0);
  });
  await expect(page.getByText("image-0000")).toBeVisible();
});

test("packages of an image tell what run time sees of them, place by place", async ({ page }) => {
  await settle(page);
  const { digest } = await webImage();
  await open(page, `/images/${digest}?tab=packages`, "shown");
  const rows = page.getByRole("table").getByRole("row");
  const all = await rows.count();
  await page.getByRole("combobox", { name: "Filter by use" }).selectOption("In use");
  await expect(page).toHaveURL(/use=in-use/);
  await expect(page.getByText(/ shown · \d+ hidden by filters/)).toBeVisible();
  expect(await rows.count()).toBeLessThan(all);
  await expect(page.getByRole("table").getByRole("button", { name: "Not seen" })).toHaveCount(0);
  await page.getByRole("table").getByRole("button", { name: "In use" }).first().click();
  await expect(page.getByRole("dialog").getByRole("listitem").filter({ hasText: "production" })).toContainText("In use");

  // A vulnerability's package says the same.
  await open(page, `/images/${digest}?use=in-use`, "hidden by filters");
  await page.getByRole("table").getByRole("button", { name: "In use" }).first().click();
  await expect(page.getByRole("dialog").getByRole("listitem").filter({ hasText: "production" })).toContainText("In use");
});
