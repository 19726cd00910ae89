import type { Page } from "@playwright/test";
import { expect, open, settle, test } from "./kit";

/** Lets the calls whose address fits fail, until what this answers with is called. */
async function failing(page: Page, address: RegExp): Promise<() => Promise<void>> {
  await page.route(address, (route) => route.fulfill({ status: 500, contentType: "application/problem+json", body: JSON.stringify({ title: "Internal Server Error", detail: "the disk is gone" }) }));
  return () => page.unroute(address);
}

interface Broken {
  path: string;
  /** The call that fails. */
  call: RegExp;
  /** The heading of the part that says so; the line above the page's content where there is none. */
  part?: string;
  /** What is there once the call is answered. */
  then: string;
}

const broken: Broken[] = [
  { path: "/", call: /\/api\/v1\/exposure\?/, part: "Exposure by severity", then: "Critical" },
  { path: "/", call: /\/api\/v1\/coverage$/, part: "Environments", then: "3 of 4 running images analysed" },
  { path: "/", call: /\/api\/v1\/advisories$/, part: "Advisories matched against", then: "Debian" },
  { path: "/environments/latest-indexed", call: /\/api\/v1\/environments\/latest-indexed$/, part: "Findings by severity", then: "Summed over its images" },
  { path: "/environments/production?tab=integrations", call: /\/api\/v1\/integrations$/, then: "prod-eu" },
  { path: "/settings/people", call: /\/api\/v1\/invitations$/, part: "Open invitations", then: "No open invitation" },
  { path: "/settings/jobs", call: /\/api\/v1\/analysis-lanes/, part: "Queue", then: "running" },
];

for (const { path, call, part, then } of broken) {
  test(`${path} says that ${String(call)} failed, and tries again`, async ({ page }) => {
    await settle(page);
    const mend = await failing(page, call);
    await open(page, path);
    const place = part === undefined ? page.getByRole("main") : page.getByRole("region", { name: part, exact: true });
    await expect(place.getByRole("alert")).toContainText("the disk is gone");
    await expect(page.locator("main [aria-busy=true]")).toHaveCount(0);
    await mend();
    await place.getByRole("alert").getByRole("button", { name: "Try again" }).click();
    await expect(place.getByText(then).first()).toBeVisible();
    await expect(page.getByRole("alert")).toHaveCount(0);
  });
}

test("the overview tells that the state of what is connected is not known", async ({ page }) => {
  await settle(page);
  const mend = await failing(page, /\/api\/v1\/integrations$/);
  await open(page, "/", "CVE-2026-31789");
  await expect(page.getByRole("alert")).toContainText("Not loaded: Integrations");
  await mend();
  await page.getByRole("alert").getByRole("button", { name: "Try again" }).click();
  await expect(page.getByRole("alert")).toHaveCount(0);
});
