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
    chunkSizeWarningLimit: 1024, // build/size.js looks at what counts
    // Each further style sheet makes the browser look at the whole document again.
    cssCodeSplit: false,
    rolldownOptions: {
      output: {
        codeSplitting: {
          // Few files instead of one for each part that pages share: what opens a page is one or two.
          groups: [
            { name: "first", tags: ["$initial"], priority: 2 },
            { name: "common", minShareCount: 5, priority: 1 },
          ],
        },
      },
    },
  },
  server: { proxy: { "/api": server } },
  test: {
    environment: "happy-dom",
    include: ["src/**/*.test.{ts,tsx}", "build/**/*.test.ts"],
    setupFiles: ["./src/test/setup.ts"],
  },
});
