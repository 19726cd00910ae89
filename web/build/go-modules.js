// The Go modules of which code is in the program, with their licences. A module's folder holds the
// text of its licence but no name of it, so the name is told by the text.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

// Texts that only one licence has; the first that fits counts.
const marks = /** @type {[string, RegExp][]} */ ([
  ["Apache-2.0", /Apache License,?\s+Version 2\.0/],
  ["MPL-2.0", /Mozilla Public License,?\s+(Version|version) 2\.0/],
  ["BSD-3-Clause", /Redistribution and use[^]*Neither the name|Redistribution and use[^]*names? of (its|the) (copyright|contributors)/],
  ["BSD-2-Clause", /Redistribution and use/],
  ["MIT", /Permission is hereby granted, free of charge/],
  ["ISC", /Permission to use, copy, modify,? and( or)? distribute this software/],
  ["CC0-1.0", /CC0 1\.0 Universal/],
  ["Unlicense", /This is free and unencumbered software/],
  ["0BSD", /Zero-Clause BSD/],
]);

/**
 * The SPDX identifier of a licence's text, or undefined if it is not known here.
 * @param {string} text
 */
export function licenceOf(text) {
  const plain = text.replace(/[\s*#/]+/g, " ");
  return marks.find(([, mark]) => mark.test(plain))?.[0];
}

/** @param {string} line */
function describe(line) {
  const [name = "", version = "", folder = ""] = line.split("\t");
  const files = readdirSync(folder, { withFileTypes: true }).filter((file) => file.isFile() && /^(un)?licen[cs]e|^copying|^notice/i.test(file.name));
  const texts = files.map((file) => readFileSync(path.join(folder, file.name), "utf8").trim());
  const licence = texts.map(licenceOf).find((known) => known !== undefined);
  if (licence === undefined) {
    throw new Error(`the licence of ${name} is not known: it cannot be shipped before that is clear`);
  }
  return { name, version, licence, text: texts.join("\n\n") };
}

/** Every module of which the program has code, by name. */
export function goModules() {
  const format = "{{with .Module}}{{if not .Main}}{{.Path}}\t{{.Version}}\t{{.Dir}}{{end}}{{end}}";
  const lines = execFileSync("go", ["list", "-deps", "-f", format, "./cmd/crowsnest"], { cwd: root, encoding: "utf8", maxBuffer: 1 << 26 });
  const list = [...new Set(lines.split("\n").filter((line) => line !== ""))].map(describe);
  const go = execFileSync("go", ["env", "GOVERSION", "GOROOT"], { cwd: root, encoding: "utf8" }).trim().split("\n");
  list.push({ name: "Go standard library", version: (go[0] ?? "").replace(/^go/, ""), licence: "BSD-3-Clause", text: readFileSync(path.join(go[1] ?? "", "LICENSE"), "utf8").trim() });
  return list.sort((a, b) => (a.name < b.name ? -1 : 1));
}
