import { expect, open, settle, test, webImage } from "./kit";

const box = "Search and commands";

test("the palette finds things of every kind on the server, by keys alone", async ({ page }) => {
  await settle(page);
  await open(page, "/jobs-that-are-not-there", "There is no page");
  await page.keyboard.press("ControlOrMeta+k");
  const input = page.getByRole("combobox", { name: box });
  await expect(input).toBeFocused();

  await input.pressSequentially("web");
  for (const group of ["Images", "Packages", "Workloads"]) {
    await expect(page.getByRole("group", { name: group, exact: true }).getByRole("option").first()).toContainText("web");
  }
  const options = page.getByRole("option");
  await expect(options.first()).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("ArrowUp");
  await expect(options.last()).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("ArrowDown");
  await expect(options.first()).toHaveAttribute("aria-selected", "true");
  await expect(page.getByRole("status").filter({ hasText: /\d+ found/ })).toBeVisible();

  // A workload leads to what ran in its environment.
  await input.fill("statef");
  await expect(page.getByText("Nothing found")).toBeVisible();
  await input.fill("worker");
  await page.getByRole("group", { name: "Workloads" }).getByRole("option").first().click();
  await expect(page).toHaveURL(/\/environments\/production\?.*tab=occurrences/);
  await expect(page).toHaveURL(/q=\w+%20worker.*running=true/);
  const rows = page.getByRole("table", { name: "What ran" }).locator("tbody tr");
  await expect(rows.first()).toContainText("worker");
  await expect(rows.filter({ hasText: "deployment" })).toHaveCount(0);
  await expect(page.getByText("Not observed").first()).toBeAttached();
  await page.getByRole("button", { name: "Runs now", pressed: true }).click();
  await page.getByRole("searchbox", { name: "Filter by workload" }).fill("");
  await page.getByRole("button", { name: /^Namespace: / }).click();
  await expect(page).not.toHaveURL(/namespace|running|q=/);
  await expect(rows.filter({ hasText: "deployment" }).first()).toBeVisible();
});

test("Enter right after typing opens what will be found", async ({ page }) => {
  await settle(page);
  await open(page, "/", "Coverage");
  await page.keyboard.press("ControlOrMeta+k");
  await page.getByRole("combobox", { name: box }).pressSequentially("CVE-2021-44906", { delay: 5 });
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1 })).toContainText("CVE-2021-44906");

  const { digest } = await webImage();
  await page.keyboard.press("ControlOrMeta+k");
  await page.getByRole("combobox", { name: box }).fill(digest.slice("sha256:".length, 24));
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1 })).toContainText("web");
});

test("typing is gathered, and a question that is overtaken is called off", async ({ page }) => {
  await settle(page);
  await open(page, "/", "Coverage");
  const asked: string[] = [];
  const calledOff: string[] = [];
  const textOf = (url: string) => new URL(url).searchParams.get("q") ?? "";
  page.on("requestfailed", (request) => {
    if (request.url().includes("/api/v1/search")) {
      calledOff.push(textOf(request.url()));
    }
  });
  await page.route("**/api/v1/search?**", async (route) => {
    const q = textOf(route.request().url());
    asked.push(q);
    if (q === "mini") {
      await new Promise((resolve) => setTimeout(resolve, 3_000)); // the slow answer that must not come late
    }
    await route.continue().catch(() => undefined);
  });
  await page.keyboard.press("ControlOrMeta+k");
  const input = page.getByRole("combobox", { name: box });
  // Faster than any pause, however slow the machine.
  await input.evaluate((element: HTMLInputElement) => {
    for (const text of ["m", "mi", "min", "mini"]) {
      Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value")?.set?.call(element, text);
      element.dispatchEvent(new Event("input", { bubbles: true }));
    }
  });
  await expect.poll(() => asked).toEqual(["mini"]);
  await input.fill("lodash");
  await expect(page.getByRole("option").filter({ hasText: "lodash" })).toBeVisible();
  await expect.poll(() => calledOff).toEqual(["mini"]);
  expect(asked).toEqual(["mini", "lodash"]);
});

test("without a text the palette has what was opened last, until one signs out", async ({ page }) => {
  await settle(page);
  await open(page, "/vulnerabilities/CVE-2021-44906", "Critical");
  await open(page, "/packages/npm?name=minimist", "CVE-2021-44906");
  await page.keyboard.press("ControlOrMeta+k");
  const last = page.getByRole("group", { name: "Opened last" }).getByRole("option");
  await expect(last).toHaveCount(2);
  await expect(last.first()).toContainText("minimist");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1 })).toContainText("CVE-2021-44906");
  expect(await page.evaluate(() => localStorage.getItem("crowsnest.recents"))).toContain("minimist");
  // Not signed out for real: the other tests are of the same session.
  await page.route("**/api/v1/session", (route) => (route.request().method() === "DELETE" ? route.fulfill({ json: {} }) : route.continue()));
  await page.getByRole("button", { name: "Account" }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await expect.poll(() => page.evaluate(() => localStorage.getItem("crowsnest.recents"))).toBeNull();
});

test("a search that fails leaves pages and actions usable", async ({ page }) => {
  await settle(page);
  await open(page, "/", "Coverage");
  await page.route("**/api/v1/search?**", (route) => route.fulfill({ status: 422, json: { detail: "no" } }));
  await page.keyboard.press("ControlOrMeta+k");
  await page.getByRole("combobox", { name: box }).fill("image");
  await expect(page.getByText("The search did not answer")).toBeVisible();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Images", level: 1 })).toBeVisible();
});

test("what is typed before the palette is loaded is not lost", async ({ page }) => {
  await settle(page);
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  // Its code alone comes late.
  await page.route(/\/assets\/palette-[^/]*\.js/, async (route) => {
    await held;
    await route.continue();
  });
  await open(page, "/images", "shop/web");
  await page.keyboard.press("ControlOrMeta+k");
  const waiting = page.getByRole("dialog").getByRole("textbox", { name: box });
  await expect(waiting).toBeFocused();
  await page.keyboard.type("minim");
  expect(new URL(page.url()).pathname).toBe("/images"); // letters are no commands
  release();
  const search = page.getByRole("combobox", { name: box });
  await expect(search).toBeFocused();
  await page.keyboard.type("ist");
  await expect(search).toHaveValue("minimist");
  await expect(page.getByRole("option", { name: /minimist/ }).first()).toBeVisible();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1 })).toContainText("minimist");
});
