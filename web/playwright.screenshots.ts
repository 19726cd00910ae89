import { defineConfig } from "@playwright/test";
import base from "./playwright.config";

/** Pictures of every page for the documentation; not a test. */
export default defineConfig(base, { testIgnore: [], testMatch: "screenshots.ts", workers: 1 });
