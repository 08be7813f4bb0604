import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { projectRoot } from "../../../toolchain/paths";

const folder = mkdtempSync(join(tmpdir(), "meridian-code-cache-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const cacheFile = join(folder, "kept", "program.code");
const main = join(folder, "main.cjs");
writeFileSync(join(folder, "part.cjs"), "exports.where = () => new Error('here').stack.split('\\n')[1].trim();\n");
writeFileSync(join(folder, "later.cjs"), "exports.load = () => import('./later.mjs');\n");
writeFileSync(join(folder, "later.mjs"), "export const late = 'imported';\n");
// Its package does not say what it is: Node finds out, and requires it all the same.
writeFileSync(join(folder, "module.js"), "export const kind = 'module';\n");
writeFileSync(join(folder, "wrong.cjs"), "const = 1;\n");
const program = (word: string): string => `
  const part = require("./part.cjs");
  const told = { word: "${word}", where: part.where(), main: require.main === module, found: require.resolve("./part.cjs") };
  told.kind = require("./module.js").kind;
  try { require("./wrong.cjs"); } catch (error) { told.wrong = error.name + ": " + error.message; }
  require("./later.cjs").load().then(({ late }) => console.log(JSON.stringify({ ...told, late, args: process.argv.slice(2) })));
`;

/** What the program says; with the cache, unless told otherwise. */
const said = (more: readonly string[] = ["--require", join(folder, "preload.cjs")]): unknown =>
  JSON.parse(execFileSync(process.execPath, [...more, main, "x"], { encoding: "utf8", cwd: folder }));

beforeAll(() => {
  const cache = join(projectRoot, "toolchain", "code-cache.cjs");
  writeFileSync(
    join(folder, "preload.cjs"),
    `require(${JSON.stringify(cache)}).keepCode(${JSON.stringify(cacheFile)});`,
  );
});
beforeEach(() => {
  rmSync(cacheFile, { force: true });
  writeFileSync(main, program("first"));
});

/** Without the file's time nobody could tell whether it was written again. */
const writtenAt = (): number => statSync(cacheFile).mtimeMs;

const keptByMeridian = process.versions.node.startsWith("20.") ? test : test.skip;

describe("a program whose compiled code is kept", () => {
  test("says the same as without: the first time, from the file, places of errors and later imports included", () => {
    const plain = said([]);
    expect(plain).toMatchObject({ word: "first", main: true, late: "imported", args: ["x"] });
    expect([said(), said(), said()]).toEqual([plain, plain, plain]);
  });

  keptByMeridian("writes the file once, and anew when a module has changed", () => {
    said();
    const first = writtenAt();
    said();
    expect(writtenAt()).toBe(first);
    writeFileSync(main, program("second"));
    expect(said()).toMatchObject({ word: "second" });
    expect(writtenAt()).toBeGreaterThan(first);
    expect(said()).toMatchObject({ word: "second" });
  });

  keptByMeridian.each<[string, (bytes: Buffer) => Buffer]>([
    ["is empty", () => Buffer.alloc(0)],
    ["is torn", (bytes) => bytes.subarray(0, bytes.length / 2)],
    ["holds something else", () => Buffer.from("not code at all, but long enough to be read")],
    [
      "was written by another version of V8",
      (bytes) => Buffer.from(bytes.map((byte, at) => (at > bytes.length / 2 ? 0 : byte))),
    ],
  ])("runs all the same when the file %s", (_, spoil) => {
    const plain = said();
    writeFileSync(cacheFile, spoil(readFileSync(cacheFile)));
    expect(said()).toEqual(plain);
    expect(said()).toEqual(plain);
  });

  test("runs where the file cannot be written", () => {
    writeFileSync(join(folder, "blocked"), "a file, not a folder");
    const preload = join(folder, "blocked.cjs");
    writeFileSync(
      preload,
      readFileSync(join(folder, "preload.cjs"), "utf8").replace(cacheFile, join(folder, "blocked", "program.code")),
    );
    expect(said(["--require", preload])).toEqual(said([]));
    expect(existsSync(cacheFile)).toBe(false);
  });
});
