import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { compress } from "./build/compress.js";
import { licences } from "./build/licences.js";

// The server that "npm run dev" speaks to.
const server = process.env.CROWSNEST_SERVER ?? "http://127.0.0.1:8080";

export default defineConfig({
  base: "./", // the server decides where the dashboard lives, see index.html
  plugins: [react(), licences(), compress()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    manifest: true,
    // Inlined assets would be data: addresses, which the Content-Security-Policy refuses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { proxy: { "/api": server } },
  test: {
    environment: "happy-dom",
    include: ["src/**/*.test.{ts,tsx}", "build/**/*.test.ts"],
    setupFiles: ["./src/test/setup.ts"],
  },
});
