import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import { expect, open, settle, test, webImage } from "./kit";

/** The file of a list, without the lines that say what it is. */
async function download(page: Page, as: "CSV" | "JSON lines"): Promise<string[]> {
  const saved = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export" }).click();
  await page.getByRole("menuitem", { name: as }).click();
  const lines = (await readFile(await (await saved).path(), "utf8")).trimEnd().split("\n");
  return as === "CSV" ? lines.filter((line) => !line.startsWith("#")) : lines.slice(1, -1);
}

test("a list is exported with its filters", async ({ page }) => {
  await settle(page);
  await open(page, "/vulnerabilities?severity=critical", "CVE-");
  const lines = await download(page, "CSV");
  expect(lines[0]).toContain("severity");
  expect(lines.slice(1)).toHaveLength(3);
  expect(lines.slice(1).filter((line) => !line.includes("critical"))).toEqual([]);

  await open(page, "/vulnerabilities?severity=critical&q=minimist", "1 shown");
  expect((await download(page, "CSV")).slice(1)).toHaveLength(1);
  await open(page, "/images?q=shop/web", "2 shown");
  expect(await download(page, "JSON lines")).toHaveLength(2);

  const { digest } = await webImage();
  await open(page, `/images/${digest}?severity=critical`, "3 shown");
  const findings = (await download(page, "CSV")).slice(1);
  expect(findings).toHaveLength(3);
  expect(findings.filter((line) => !line.includes("critical"))).toEqual([]);

  await open(page, "/images?environment=staging", "shop/");
  const images = await download(page, "JSON lines");
  expect(images.map((line) => (JSON.parse(line) as { environments: string[] }).environments.includes("staging"))).toEqual([true, true]);
});

test("every list can be exported", async ({ page }) => {
  await settle(page);
  const { digest } = await webImage();
  const lists: [path: string, shows: string][] = [
    ["/images", "shop/web"],
    [`/images/${digest}?tab=packages&q=openssl`, "openssl"],
    ["/packages/deb?name=libssl3", "shop/web"],
    ["/vulnerabilities/CVE-2026-31789", "shop/web"],
    [`/compare?image=${digest}&toEnvironment=staging`, "Manifest digest"],
    [`/compare?image=${digest}&toEnvironment=staging&tab=packages`, "Downgraded"],
    ["/compare?from=staging&toEnvironment=production", "shop/web"],
    ["/settings/people", process.env.E2E_EMAIL ?? ""],
    ["/settings/tokens", "demo"],
    [`/images/${digest}`, "27 shown"],
    [`/images/${digest}?tab=occurrences`, "deployment"],
    ["/environments/production", "shop/web"],
    ["/environments/production?tab=gaps", "Unresolved"],
    ["/environments/production?tab=exposure", "CVE-2021-44906"],
    [`/environments/production?tab=then&at=${new Date().toISOString().slice(0, 19)}Z`, "shop/web"],
    ["/environments/latest-indexed", "shop/web"],
    ["/environments/production?tab=occurrences", "deployment"],
    ["/packages", "minimist"],
    ["/policies", "No AGPL v3 licences"],
    ["/policies/Supply%20chain%20attestations", "shop/web"],
    ["/policies/Supply%20chain%20attestations?tab=changes", "shop/web"],
    [`/images/${digest}?tab=policies`, "25 of 90 points"],
    ["/settings/jobs", "shop/"],
    ["/settings/audit?action=integration.create", "integration.create"],
  ];
  for (const [path, shows] of lists) {
    await test.step(path, async () => {
      await open(page, path, shows);
      expect((await download(page, "CSV")).length).toBeGreaterThan(1);
    });
  }
});
