// Turns one TypeScript entry into one CommonJS file, so that a program of ours starts in milliseconds.
// Plain JavaScript: it is what runs before any TypeScript can. The result is cached in node_modules/.cache/meridian
// and rebuilt when one of its inputs changed (size or modification time) or other packages were installed.
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { threadId } from "node:worker_threads";

import codeCache from "./code-cache.cjs";

/** Absolute path of the checkout. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const cache = join(root, "node_modules", ".cache", "meridian");

/** Packages that are not inlined: native addons, and what is too large to parse at every start and seldom needed. */
const neverInlined = ["fs-native-extensions", "solc", "@ethereum-sourcify/*", "esbuild", "@azure/*"];

const stamp = (path) => {
  const { mtimeMs, size } = statSync(path);
  return `${mtimeMs}:${size}`;
};

const isFresh = (manifestPath) => {
  try {
    const { inputs } = JSON.parse(readFileSync(manifestPath, "utf8"));
    return Object.entries(inputs).every(([path, seen]) => stamp(join(root, path)) === seen);
  } catch {
    return false;
  }
};

/**
 * @param {string} entry path of a .ts file, relative to the checkout
 * @param {{ inlinePackages?: boolean }} [options] inlinePackages: put the npm packages into the file as well (fastest start)
 * @returns {string} absolute path of the CommonJS file
 */
export function bundle(entry, { inlinePackages = false } = {}) {
  const name = entry.replace(/\.ts$/, "").replaceAll("/", "-") + (inlinePackages ? "-full" : "");
  const outfile = join(cache, `${name}.cjs`);
  const manifest = join(cache, `${name}.json`);
  if (isFresh(manifest)) return outfile;

  const { buildSync } = createRequire(import.meta.url)("esbuild");
  mkdirSync(cache, { recursive: true });
  const ownTurn = `.${process.pid}.${threadId}`; // several processes and threads may build at once: write aside, then rename
  const { metafile } = buildSync({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile: outfile + ownTurn,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    metafile: true,
    logLevel: "error",
    ...(inlinePackages ? { external: neverInlined } : { packages: "external" }),
  });
  const sources = Object.keys(metafile.inputs).filter((path) => !path.startsWith("node_modules/"));
  const inputs = Object.fromEntries(
    [...sources, "package-lock.json", relative(root, fileURLToPath(import.meta.url))].map((path) => [
      path,
      stamp(join(root, path)),
    ]),
  );
  renameSync(outfile + ownTurn, outfile);
  writeFileSync(manifest + ownTurn, JSON.stringify({ entry: basename(entry), inputs }));
  renameSync(manifest + ownTurn, manifest);
  return outfile;
}

/** Bundles `entry` if needed, runs it in this process and returns what it exports. */
export function run(entry, options) {
  const file = bundle(entry, options);
  codeCache.keepCode(file.replace(/\.cjs$/, ".code"));
  return createRequire(import.meta.url)(file);
}
