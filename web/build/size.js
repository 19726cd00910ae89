// Fails when the JavaScript of the first load is larger than agreed: what index.html
// names and everything that imports without waiting for a page.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const limit = 300 * 1024;
const dist = new URL("../dist/", import.meta.url);

/** @typedef {Record<string, {file: string, imports?: string[]}>} Manifest */
const manifest = /** @type {Manifest} */ (JSON.parse(readFileSync(new URL(".vite/manifest.json", dist), "utf8")));
/** @type {Set<string>} */
const first = new Set();
/** @param {string} key */
function visit(key) {
  const chunk = manifest[key];
  if (!chunk || first.has(chunk.file)) {
    return;
  }
  first.add(chunk.file);
  chunk.imports?.forEach(visit);
}
const page = readFileSync(new URL("index.html", dist), "utf8");
Object.entries(manifest).forEach(([key, chunk]) => {
  if (page.includes(`src="./${chunk.file}"`)) {
    visit(key);
  }
});
// The catalogue of the language is loaded before the first paint; the larger one counts.
const catalogues = Object.entries(manifest).filter(([key]) => /src\/i18n\/[\w-]+\.json$/.test(key));
const sizeOf = (/** @type {string} */ file) => gzipSync(readFileSync(new URL(file, dist)), { level: 9 }).length;
const catalogue = Math.max(0, ...catalogues.map(([, chunk]) => sizeOf(chunk.file)));
const total = [...first].reduce((sum, file) => sum + sizeOf(file), catalogue);
if (first.size === 0 || catalogues.length < 2) {
  console.error("size: the scripts of index.html or the catalogues are not in the manifest; mend this check");
  process.exit(1);
}
console.log(`first load: ${(total / 1024).toFixed(1)} KiB of JavaScript, gzipped, in ${String(first.size + 1)} files (limit ${String(limit / 1024)} KiB)`);
if (total > limit) {
  console.error("size: over the limit; load what a page needs with the page");
  process.exit(1);
}
