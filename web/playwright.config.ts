import { defineConfig } from "@playwright/test";

/** The browser is the distribution's: see scripts/install-browser.sh. */
export const executablePath = process.env.CROWSNEST_TEST_CHROMIUM ?? "/usr/bin/chromium";

export default defineConfig({
  testDir: "e2e",
  testIgnore: ["screenshots.ts", "scale.spec.ts", "cold.spec.ts"],
  globalSetup: "./e2e/server.ts",
  outputDir: "test-results",
  fullyParallel: true,
  workers: 2,
  retries: 0,
  // Only what hangs should meet these: machines that build and test for others are slow.
  timeout: 180_000,
  expect: { timeout: 15_000 },
  globalTimeout: 3_600_000,
  forbidOnly: Boolean(process.env.CI),
  reporter: [["list"]],
  use: {
    browserName: "chromium",
    // Root has no sandbox in a container; the pages are our own.
    launchOptions: { executablePath, args: ["--no-sandbox"] },
    locale: "en-GB",
    viewport: { width: 1440, height: 900 },
    trace: "retain-on-failure",
  },
});
