import { test as base, expect, type Page } from "@playwright/test";

export { expect };

/** Every page of the dashboard, with how it is recognised when it is complete. */
export interface Place {
  name: string;
  path: string;
  /** A text that shows when the page's data is there. */
  shows: string;
}

async function call<T>(path: string): Promise<T> {
  const answer = await fetch(`${process.env.E2E_URL ?? ""}/api/v1${path}`, {
    headers: { Authorization: `Bearer ${process.env.E2E_TOKEN ?? ""}` },
  });
  if (!answer.ok) {
    throw new Error(`${path}: ${String(answer.status)}`);
  }
  return (await answer.json()) as T;
}

/** The image of the demo with the most to show. */
export async function webImage(): Promise<{ name: string; digest: string }> {
  const { items } = await call<{ items: { name: string; digest: string }[] }>("/images?environment=production");
  const image = items.find((i) => i.name.endsWith("/shop/web:1.0")) ?? items[0];
  if (!image) {
    throw new Error("the demo has no image in production");
  }
  return image;
}

const policyPath = "/policies/No%20fixable%20critical%20or%20high%20vulnerabilities";

export async function places(): Promise<Place[]> {
  const { digest, name } = await webImage();
  const repository = name.replace(/:[^:/]*$/, "");
  const bare = (await call<{ items: { name: string; digest: string }[] }>("/images")).items.find((i) => i.name.endsWith("/shop/web:2.0"))?.digest ?? "";
  return [
    { name: "overview", path: "/", shows: "CVE-2026-31789" },
    { name: "overview-production", path: "/?environment=production", shows: "3 of 4 running images analysed" },
    { name: "coverage", path: "/coverage", shows: "no image of this digest" },
    { name: "environments", path: "/environments", shows: "staging" },
    { name: "environment", path: "/environments/production", shows: "shop/web" },
    { name: "environment-exposure", path: "/environments/production?tab=exposure", shows: "CVE-2021-44906" },
    { name: "environment-then", path: `/environments/production?tab=then&at=${new Date().toISOString().slice(0, 19)}Z`, shows: "shop/web" },
    { name: "environment-then-nothing", path: "/environments/production?tab=then&at=2020-01-31T12:00:00Z", shows: "Nothing is known to have run then" },
    { name: "environment-gaps", path: "/environments/production?tab=gaps", shows: "Unresolved" },
    { name: "environment-occurrences", path: "/environments/production?tab=occurrences", shows: "deployment" },
    { name: "environment-integrations", path: "/environments/production?tab=integrations", shows: "prod-eu" },
    { name: "environment-latest", path: "/environments/latest-indexed", shows: "shop/web" },
    { name: "images", path: "/images", shows: "shop/web" },
    { name: "image", path: `/images/${digest}`, shows: "27 shown" },
    { name: "image-why", path: `/images/${digest}?why=CVE-2026-31789`, shows: "decides" },
    { name: "image-recommendations", path: `/images/${digest}?tab=recommendations`, shows: "upgrades clear" },
    { name: "image-policies", path: `/images/${digest}?tab=policies`, shows: "25 of 90 points" },
    { name: "image-layers", path: `/images/${digest}?tab=layers`, shows: "rm -rf /opt/setup" },
    { name: "image-packages", path: `/images/${digest}?tab=packages`, shows: "ca-certificates" },
    { name: "image-attestations", path: `/images/${digest}?tab=attestations`, shows: "https://slsa.dev/provenance/v1" },
    { name: "image-attestations-none", path: `/images/${bare}?tab=attestations`, shows: "Nothing is attested of this image" },
    { name: "image-occurrences", path: `/images/${digest}?tab=occurrences`, shows: "deployment" },
    { name: "image-details", path: `/images/${digest}?tab=details`, shows: "Image ID" },
    { name: "repository", path: `/repositories/${repository}`, shows: "No connected registry has it" },
    { name: "repository-tags", path: `/repositories/${repository}?tab=tags&past=true`, shows: "sha256:" },
    { name: "compare", path: "/compare", shows: "Choose what to compare" },
    { name: "compare-images", path: `/compare?image=${digest}&toEnvironment=staging`, shows: "Manifest digest" },
    { name: "compare-packages", path: `/compare?image=${digest}&toEnvironment=staging&tab=packages`, shows: "Downgraded" },
    { name: "compare-policies", path: `/compare?image=${digest}&toEnvironment=staging&tab=policies`, shows: "No fixable critical or high" },
    { name: "compare-facts", path: `/compare?image=${digest}&toEnvironment=staging&tab=image`, shows: "Digest" },
    { name: "compare-environments", path: "/compare?from=staging&toEnvironment=production", shows: "shop/web" },
    { name: "compare-missing", path: `/compare?image=${digest}&toEnvironment=nowhere`, shows: "There is no such thing here" },
    { name: "base-images", path: "/base-images", shows: "12-slim" },
    { name: "vulnerabilities-urgent", path: "/vulnerabilities?sort=urgency", shows: "CVE-2026-31789" },
    { name: "packages", path: "/packages", shows: "minimist" },
    { name: "packages-worst", path: "/packages?sort=worst&environment=production", shows: "libssl3" },
    { name: "package", path: "/packages/npm?name=minimist", shows: "CVE-2021-44906" },
    { name: "package-version", path: "/packages/deb?name=libssl3&version=3.0.17-1~deb12u2", shows: "shop/web" },
    { name: "package-missing", path: "/packages/npm?name=no-such-package", shows: "There is no such thing here" },
    { name: "decisions", path: "/decisions", shows: "Add an exception" },
    { name: "decisions-documents", path: "/decisions?tab=documents", shows: "No documents" },
    { name: "decisions-settings", path: "/decisions?tab=settings", shows: "Trusted authors of VEX documents" },
    { name: "image-decisions", path: `/images/${digest}?tab=decisions`, shows: "Nothing is decided about this image" },
    { name: "vulnerabilities", path: "/vulnerabilities", shows: "CVE-" },
    { name: "changes", path: "/changes", shows: "New package" },
    { name: "changes-nothing", path: "/changes?cause=rule%20changed", shows: "Nothing matches these filters" },
    { name: "vulnerability", path: "/vulnerabilities/CVE-2026-31789", shows: "DEBIAN-CVE-2026-31789" },
    { name: "shared", path: process.env.E2E_SHARED ?? "", shows: "DEBIAN-CVE-2026-31789" },
    { name: "shared-dead", path: "/shared#crowsnestshare_none", shows: "ask whoever sent it" },
    { name: "policies", path: "/policies", shows: "No AGPL v3 licences" },
    { name: "policy", path: policyPath, shows: "shop/frontend" },
    { name: "policy-changes", path: `${policyPath}?tab=changes`, shows: "shop/frontend" },
    { name: "policy-new", path: "/new-policy", shows: "Severities" },
    { name: "policy-new-rego", path: "/new-policy?type=rego", shows: "docker.scout" },
    { name: "policy-edit", path: "/policies/No%20unapproved%20base%20images/edit", shows: "Supported releases only" },
    { name: "integrations", path: "/integrations", shows: "prod-eu" },
    { name: "integration", path: "/integrations/prod-eu", shows: "Sweep now" },
    { name: "connect", path: "/connect", shows: "Sysdig" },
    { name: "connect-sysdig", path: "/connect/sysdig", shows: "name" },
    { name: "connect-registry", path: "/connect/registry", shows: "Configuration name" },
    { name: "repositories", path: "/repositories", shows: "No repositories" },
    { name: "jobs", path: "/settings/jobs", shows: "shop/" },
    { name: "people", path: "/settings/people", shows: process.env.E2E_EMAIL ?? "" },
    { name: "tokens", path: "/settings/tokens", shows: "demo" },
    { name: "audit", path: "/settings/audit?action=integration.create", shows: "integration.create" },
    { name: "remediation", path: "/settings/remediation", shows: "Days to remediate" },
    { name: "registries", path: "/settings/registries", shows: "From where images come" },
    { name: "data", path: "/settings/data", shows: "How long to keep what is old" },
    { name: "updates", path: "/settings/updates", shows: "Taken" },
    { name: "trusts", path: "/settings/trusts", shows: "Whose jobs of CI" },
    { name: "account", path: "/account", shows: "This session" },
    { name: "licences", path: "/licences", shows: "react-dom" },
    { name: "not-found", path: "/no-such-page", shows: "Page not found" },
    { name: "image-missing", path: `/images/${"0".repeat(64)}`, shows: "There is no such thing here" },
  ];
}

interface Settings {
  scheme?: "light" | "dark";
  language?: "en" | "zh-CN";
}

/** Is signed in and has chosen, before the first page is opened. */
export async function settle(page: Page, { scheme = "light", language = "en" }: Settings = {}): Promise<void> {
  await page.context().addCookies([{ name: "crowsnest_session", value: process.env.E2E_COOKIE ?? "", url: process.env.E2E_URL ?? "" }]);
  await page.addInitScript(
    ([chosenScheme, chosenLanguage]) => {
      localStorage.setItem("crowsnest.scheme", chosenScheme);
      if (localStorage.getItem("crowsnest.language") === null) {
        localStorage.setItem("crowsnest.language", chosenLanguage);
      }
    },
    [scheme, language] as const,
  );
}

/** Opens a path of the demo and waits for a text in its content. */
export async function open(page: Page, path: string, shows?: string): Promise<void> {
  await page.goto((process.env.E2E_URL ?? "") + path);
  if (shows !== undefined) {
    await expect(page.getByRole("main").getByText(shows).filter({ visible: true }).first()).toBeVisible();
  }
}

/** A test whose page must not complain: no error in the console, no broken policy, no other host asked. */
export const test = base.extend<{ faults: string[] }>({
  faults: [
    async ({ page }, use) => {
      const faults: string[] = [];
      page.on("console", (message) => {
        // Answers that are not 200 are noted by the browser as errors; tests ask for some.
        if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) {
          faults.push(message.text());
        }
      });
      page.on("pageerror", (error) => faults.push(String(error)));
      page.on("request", (request) => {
        const { hostname, protocol } = new URL(request.url());
        if (hostname !== "127.0.0.1" && protocol !== "blob:" && protocol !== "data:") {
          faults.push(`asked another host: ${request.url()}`);
        }
      });
      await use(faults);
      expect(faults).toEqual([]);
    },
    { auto: true },
  ],
});

/** Goes to a page by its keys. The second one counts for a moment only, and a machine that does much else may take longer to press it. */
export async function goByKeys(page: Page, key: string, heading: string): Promise<void> {
  await expect(async () => {
    await page.keyboard.press("g");
    await page.keyboard.press(key);
    await expect(page.getByRole("heading", { name: heading, level: 1 })).toBeFocused({ timeout: 3000 });
  }).toPass();
}
