// A Vite plugin: puts a gzip copy beside each text file, so that the server compresses
// nothing at run time and can use the slowest, best level.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";

const texts = /\.(js|css|html|svg|json|txt)$/;

/** @returns {import("vite").Plugin} */
export function compress() {
  let folder = "dist";
  return {
    name: "crowsnest-compress",
    apply: "build",
    configResolved(config) {
      folder = path.resolve(config.root, config.build.outDir);
    },
    closeBundle() {
      for (const entry of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
        // The page itself is completed by the server, which also compresses it.
        if (!texts.test(entry) || entry === "index.html") {
          continue;
        }
        const file = path.join(folder, entry);
        const plain = readFileSync(file);
        const packed = gzipSync(plain, { level: 9 });
        if (packed.length < plain.length) {
          writeFileSync(`${file}.gz`, packed);
        }
      }
    },
  };
}
