import AxeBuilder from "@axe-core/playwright";
import { expect, test } from "./kit";
import { startDemo } from "./server";

interface Counts {
  critical: number;
  high: number;
  medium: number;
  low: number;
  unspecified: number;
}

const sum = (c: Counts) => c.critical + c.high + c.medium + c.low + c.unspecified;

// On a demo of its own: what is not seen leaves counts and lists that other tests read.
test("an owner takes what is not seen as not affected: it counts no more, lists and exposure leave it out, and show it when asked", async ({ page }) => {
  const demo = await startDemo();
  try {
    await page.context().addCookies([{ name: "crowsnest_session", value: demo.cookie, url: demo.url }]);
    await page.addInitScript(() => {
      localStorage.setItem("crowsnest.language", "en");
    });
    const call = async <T,>(path: string) => (await (await fetch(`${demo.url}/api/v1${path}`, { headers: { Authorization: `Bearer ${demo.token}` } })).json()) as T;
    const read = () => call<{ summary: Counts; notAffected: Counts; discountNotSeen: boolean }>("/environments/production");
    const axe = async () => {
      expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
    };
    const before = await read();
    await page.goto(`${demo.url}/environments/production?tab=integrations`);
    const discount = page.getByRole("switch", { name: "Take what was not seen loaded as not affected" });
    await expect(discount).not.toBeChecked();
    await discount.click();
    await expect(discount).toBeChecked();
    await expect.poll(async () => (await read()).discountNotSeen).toBe(true);
    const after = await read();
    expect(sum(after.notAffected)).toBeGreaterThan(0);
    expect(sum(after.summary) + sum(after.notAffected)).toBe(sum(before.summary));
    await expect(page.getByText(`${String(sum(after.notAffected))} more`)).toBeVisible();
    await axe();

    const { items } = await call<{ items: { digest: string; inUse: Record<string, Counts> }[] }>("/environments/production/images");
    const image = items.find((i) => sum(i.inUse["not-seen"] ?? before.summary) > 0);
    await page.goto(`${demo.url}/images/${image?.digest ?? ""}?environment=production`);
    await page.getByRole("button", { name: "Not affected" }).click();
    await expect(page).toHaveURL(/discounted=true/);
    await expect(page.getByRole("table").getByText("Not seen").first()).toBeVisible();

    // The lists leave out the same, say how much, and show it when asked.
    const counted = await call<{ summary: Counts; notAffected: Counts }>("/environments/production?counting=vulnerabilities");
    const left = sum(counted.notAffected);
    expect(left).toBeGreaterThan(0);
    const hidden = (await call<{ items: { id: string }[] }>("/vulnerabilities?environment=production&notSeen=true&limit=500")).items.map((v) => v.id);
    const listed = (await call<{ items: { id: string }[] }>("/vulnerabilities?environment=production&limit=500")).items.map((v) => v.id);
    expect(listed).toHaveLength(sum(counted.summary));
    const one = hidden.find((id) => !listed.includes(id)) ?? "";
    await page.goto(`${demo.url}/vulnerabilities?environment=production&q=${one}`);
    const show = page.getByRole("button", { name: "Not seen 1", exact: true });
    await expect(show).toHaveAttribute("aria-pressed", "false");
    await expect(page.getByRole("link", { name: one })).toHaveCount(0);
    await axe();
    await show.click();
    await expect(page).toHaveURL(/notSeen=true/);
    await expect(page.getByRole("link", { name: one })).toBeVisible();
    await page.goto(`${demo.url}/packages?environment=production&vulnerable=true`);
    const rows = page.getByRole("main").getByRole("row");
    const shown = await rows.count();
    await page.getByRole("button", { name: /^Not seen \d+$/ }).click();
    await expect.poll(() => rows.count()).toBeGreaterThan(shown);

    // It lasts, and is neither open nor overdue; the days say that they tell what was.
    await page.goto(`${demo.url}/environments/production?tab=exposure`);
    await expect(page.getByText("The days tell what was open, also what does not count now")).toBeVisible();
    await expect(page.getByRole("table", { name: "Exposure by severity" }).getByRole("columnheader", { name: "Not seen" })).toBeVisible();
    await page.getByRole("group", { name: "Filter by state" }).getByRole("button", { name: "Not seen" }).click();
    await expect(page).toHaveURL(/state=not-seen/);
    await expect(page.getByRole("table", { name: "Exposures" }).getByRole("row").filter({ hasText: one })).toContainText("Not seen");
    await axe();
    await page.getByRole("group", { name: "Filter by state" }).getByRole("button", { name: "Open" }).click();
    await expect(page).toHaveURL(/state=open/);
    await expect(page.getByRole("table", { name: "Exposures" }).getByRole("row").filter({ hasText: one })).toHaveCount(0);
  } finally {
    await demo.stop();
  }
});
