import { expect, open, settle, test, webImage } from "./kit";

test("an image says which upgrades clear what is critical and high, and what stays", async ({ page }) => {
  await settle(page);
  const { digest } = await webImage();
  await open(page, `/images/${digest}`, "27 shown");
  await page.getByRole("link", { name: "Recommendations" }).click();
  await expect(page).toHaveURL(/tab=recommendations/);
  // The demo's base image is not analysed: it is said, and nothing is guessed.
  await expect(page.getByText("No tag docker.io/library/debian:12-slim is known here.")).toBeVisible();
  const upgrades = page.getByRole("table", { name: "Upgrades that clear what is critical and high" });
  await expect(page.getByText("3 upgrades clear 14 of 15")).toBeVisible();
  const openssl = upgrades.getByRole("row").filter({ hasText: "openssl" });
  await expect(openssl).toContainText("3.0.17-1~deb12u2 → 3.0.20-1~deb12u2");
  await expect(openssl).toContainText("In use");
  await expect(page.getByRole("region", { name: "1 that no upgrade clears" })).toContainText("CVE-2023-45853");
  await upgrades.getByRole("link", { name: "CVE-2026-31789" }).click();
  await expect(page).toHaveURL(/\/vulnerabilities\/CVE-2026-31789/);
});

test("a newer base and other bases are shown with what speaks for and against them", async ({ page }) => {
  await settle(page);
  const { digest } = await webImage();
  const counts = (critical: number, high: number) => ({ critical, high, medium: 0, low: 0, unspecified: 0 });
  const base = (tag: string, critical: number) => ({
    reference: `registry.example.com/base/debian:${tag}`, also: [], digest: `sha256:${"b".repeat(64)}`, pin: `sha256:${"a".repeat(64)}`, summary: counts(critical, 0), size: 28_000_000, packages: 80,
    built: "2026-06-01T00:00:00Z", release: "debian 12", supported: "2028-06-30", software: [], cleared: counts(2, 0), brought: counts(0, 0),
    reasons: [
      { name: "fewer-critical", for: true, count: 2 },
      { name: "smaller", for: true, count: 12_000_000 },
      { name: "lacks", for: false, count: 1, to: "zlib1g" },
    ],
  });
  // No base of the demo's images is analysed: the server's answer is changed here.
  await page.route((url) => decodeURIComponent(url.pathname) === `/api/v1/images/${digest}/recommendations`, async (route) => {
    const answer = (await (await route.fetch()).json()) as object & { upgrades: object };
    await route.fulfill({
      json: {
        ...answer,
        base: { by: "provenance", name: "registry.example.com/base/debian:12", layers: 1, reference: "registry.example.com/base/debian:12", known: base("12", 3) },
        refresh: { state: "newer", names: `sha256:${"a".repeat(64)}`, since: "2026-06-02T00:00:00Z", to: base("12", 1) },
        changes: [{ ...base("12-slim", 0), digest: `sha256:${"c".repeat(64)}` }],
        tags: 4,
        notAnalysed: 1,
      },
    });
  });
  await open(page, `/images/${digest}?tab=recommendations`, "names another image since");
  const refresh = page.getByRole("region", { name: "Refresh the base image" });
  await expect(refresh).toContainText("4 known here, of which 1 are not analysed");
  await expect(refresh.getByRole("listitem").filter({ hasText: "2 fewer critical vulnerabilities" }).getByRole("img", { name: "For it" })).toBeVisible();
  await expect(refresh.getByRole("listitem").filter({ hasText: "Lacks 1 package of the base of now: zlib1g" }).getByRole("img", { name: "Against it" })).toBeVisible();
  await expect(refresh).toContainText(`FROM registry.example.com/base/debian:12@sha256:${"a".repeat(64)}`);
  const others = page.getByRole("table", { name: "Other base images" });
  await expect(others).toContainText("12-slim");
  await expect(others).toContainText("Smaller by 12 MB");
});
