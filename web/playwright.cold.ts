import { defineConfig } from "@playwright/test";
import base from "./playwright.config";

/** How soon the demo can be used by who opens it for the first time: see scripts/web.sh scale. */
export default defineConfig(base, {
  testIgnore: [],
  testMatch: "cold.spec.ts",
  workers: 1,
  use: { ...base.use, trace: "off" },
});
