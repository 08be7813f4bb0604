import { mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { unlockedPlatforms } from "../../../scripts/complete-lock.cjs";
import { alone } from "../../../toolchain/alone.cjs";
import { linkCommand } from "../../../toolchain/link.cjs";
import { missingPackages, packagesAreCurrent } from "../../../toolchain/packages.cjs";

let root: string;
beforeEach(() => (root = mkdtempSync(join(tmpdir(), "meridian-packages-"))));
afterEach(() => rmSync(root, { recursive: true }));

const zod = { version: "4.6.7", integrity: "sha512-a" };
const write = (path: string, packages: object) => {
  mkdirSync(join(root, "node_modules"), { recursive: true });
  writeFileSync(join(root, path), JSON.stringify({ packages }));
};

test.each([
  ["the same", { "node_modules/zod": zod }, []],
  ["not installed", {}, ["node_modules/zod"]],
  ["another version", { "node_modules/zod": { ...zod, version: "4.0.0" } }, ["node_modules/zod"]],
  ["other content", { "node_modules/zod": { ...zod, integrity: "sha512-b" } }, ["node_modules/zod"]],
])("a package that is %s", (_, installed, expected) => {
  expect(missingPackages({ "": {}, "node_modules/zod": zod }, installed)).toEqual(expected);
});

test("packages of other platforms may be absent", () => {
  expect(missingPackages({ "node_modules/x-win32": { version: "1.0.0", optional: true } }, {})).toEqual([]);
});

test("a fresh clone is not current; npm's own record makes it so; a changed lock file undoes it", () => {
  writeFileSync(join(root, "package-lock.json"), JSON.stringify({ packages: { "node_modules/zod": zod } }));
  expect(packagesAreCurrent(root)).toBe(false);
  write("node_modules/.package-lock.json", { "node_modules/zod": zod });
  expect([packagesAreCurrent(root), packagesAreCurrent(root)]).toEqual([true, true]);
  write("package-lock.json", { "node_modules/zod": { ...zod, version: "4.7.0" } });
  expect(packagesAreCurrent(root)).toBe(false);
});

test("packages pruned after the last look are noticed", () => {
  write("package-lock.json", { "node_modules/zod": zod });
  write("node_modules/.package-lock.json", { "node_modules/zod": zod });
  expect(packagesAreCurrent(root)).toBe(true);
  write("node_modules/.package-lock.json", {});
  expect(packagesAreCurrent(root)).toBe(false);
});

test("two installations of one checkout never overlap", async () => {
  const events: string[] = [];
  const work = (name: string) => async () => {
    events.push(`${name} begins`);
    await new Promise((resolve) => setImmediate(resolve));
    events.push(`${name} ends`);
  };
  const quiet = jest.spyOn(process.stderr, "write").mockReturnValue(true);
  await Promise.all([alone(root, work("a"), 1), alone(root, work("b"), 1)]);
  quiet.mockRestore();
  expect(events).toEqual(["a begins", "a ends", "b begins", "b ends"]);
});

test("npx finds the checkout through a relative link, made once", () => {
  linkCommand(root, "linux");
  linkCommand(root, "linux");
  expect(readlinkSync(join(root, "node_modules/.bin/meridian"))).toBe("../../bin/meridian.mjs");
});

test("the lock file names every platform's packages, else npm ci refuses it (scripts/complete-lock.cjs)", () => {
  const { packages } = JSON.parse(readFileSync(join(__dirname, "../../../package-lock.json"), "utf8"));
  expect(Object.keys(unlockedPlatforms(packages))).toEqual([]);
});
