import { defineConfig } from "@playwright/test";
import base from "./playwright.config";

/** The dashboard on an installation of 10,000 images: see scripts/web.sh scale. */
export default defineConfig(base, {
  testIgnore: [],
  testMatch: "scale.spec.ts",
  globalSetup: "./e2e/scale.ts",
  workers: 1,
  // A trace takes pictures and copies of the document while the page works.
  use: { ...base.use, trace: "off" },
  fullyParallel: false,
  timeout: 300_000,
  globalTimeout: 900_000,
});
