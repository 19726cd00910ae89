// A Vite plugin: writes licences.json with every package of which code is in the bundle, and every
// module of which code is in the program, its licence and the text of it. What is only used to build
// is not in it. Each text is written once.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { goModules } from "./go-modules.js";

/**
 * The folder of the package a module belongs to, or undefined for our own code.
 * @param {string} id
 */
export function packageFolder(id) {
  const marker = "/node_modules/";
  const clean = (id.split("?")[0] ?? "").replace(/^\0+/, "").replaceAll("\\", "/");
  const at = clean.lastIndexOf(marker);
  if (at < 0) {
    return undefined;
  }
  const parts = clean.slice(at + marker.length).split("/");
  const name = parts[0]?.startsWith("@") ? parts.slice(0, 2).join("/") : parts[0];
  return `${clean.slice(0, at)}${marker}${name ?? ""}`;
}

/** @typedef {{name: string, version: string, license?: string | {type?: string}}} Manifest */

/** @param {string} folder */
function describe(folder) {
  const manifest = /** @type {Manifest} */ (JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8")));
  const licence = typeof manifest.license === "string" ? manifest.license : manifest.license?.type;
  if (!licence) {
    throw new Error(`${manifest.name} names no licence: it cannot be shipped before that is clear`);
  }
  const file = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name));
  return {
    name: manifest.name,
    version: manifest.version,
    licence,
    text: file ? readFileSync(path.join(folder, file), "utf8").trim() : "",
  };
}

/** @returns {import("vite").Plugin} */
export function licences() {
  return {
    name: "crowsnest-licences",
    apply: "build",
    generateBundle(_options, bundle) {
      const folders = new Set();
      for (const output of Object.values(bundle)) {
        if (output.type !== "chunk") {
          continue;
        }
        for (const id of output.moduleIds) {
          const folder = packageFolder(id);
          if (folder && existsSync(path.join(folder, "package.json"))) {
            folders.add(folder);
          }
        }
      }
      const list = [...folders].map(describe).sort((a, b) => (a.name < b.name ? -1 : 1));
      if (list.length === 0) {
        throw new Error("no package found in the bundle: the licences would be missing");
      }
      const modules = goModules();
      const texts = [...new Set([...list, ...modules].map((p) => p.text))];
      const short = (/** @type {typeof list} */ all) => all.map(({ text, ...rest }) => ({ ...rest, text: texts.indexOf(text) }));
      this.emitFile({ type: "asset", fileName: "licences.json", source: JSON.stringify({ texts, packages: short(list), modules: short(modules) }) });
    },
  };
}
