// Writes src/data/schema.ts from the API's description; with --check it fails when
// the file is not what it would write.
import { readFileSync, writeFileSync } from "node:fs";
import openapiTS, { astToString } from "openapi-typescript";

const source = new URL("../../docs/openapi.json", import.meta.url);
const target = new URL("../src/data/schema.ts", import.meta.url);

const head = "// Code generated from docs/openapi.json by npm run generate. DO NOT EDIT.\n\n";
const text = head + astToString(await openapiTS(source));

if (process.argv.includes("--check")) {
  let now = "";
  try {
    now = readFileSync(target, "utf8");
  } catch {
    // A missing file is an outdated one.
  }
  if (now !== text) {
    console.error("src/data/schema.ts is out of date: run npm run generate in web/ and commit");
    process.exit(1);
  }
} else {
  writeFileSync(target, text);
}
