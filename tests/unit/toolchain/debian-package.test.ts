import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { ensureDebianTool } from "../../../toolchain/debian-package";
import { cacheFolder } from "../../../toolchain/host";
import { ToolMissingError } from "../../../toolchain/tool";
import { shellcheck } from "../../../toolchain/workflow-tools";
import { machine, writeProgram, type Machine } from "./machine";

let here: Machine;
beforeEach(() => (here = machine()));
afterEach(() => here.remove());

const says = () => ({ stdout: "ShellCheck - shell script analysis tool\nversion: 0.9.0\n" });

/** A Debian whose package holds the program. */
const debian = (): void => {
  here.install("apt-get", (_, { cwd }) => (writeFileSync(join(cwd!, "shellcheck_0.9.0.deb"), ""), {}));
  here.install("dpkg-deb", () => ({}));
  here.answer("sh", (args) => (writeProgram(join(args.at(-1)!, "usr", "bin", "shellcheck")), {}));
  here.answer("shellcheck", says);
};

test("a program on PATH says its version", async () => {
  const path = here.install("shellcheck", says);
  expect(await ensureDebianTool(shellcheck, { host: here.host })).toEqual({
    name: "shellcheck",
    version: "0.9.0",
    path,
    source: "path",
  });
});

test("one that the user names comes before it", async () => {
  here.install("shellcheck", says);
  const path = writeProgram(join(here.home, "my-shellcheck"));
  here.answer("my-shellcheck", says);
  const host = { ...here.host, env: { ...here.host.env, MERIDIAN_SHELLCHECK: path } };
  expect(await ensureDebianTool(shellcheck, { host })).toMatchObject({ path, source: "MERIDIAN_SHELLCHECK" });
});

test("without one it is unpacked from Debian's package into the cache, once", async () => {
  debian();
  const first = await ensureDebianTool(shellcheck, { host: here.host });
  expect(first.path.startsWith(cacheFolder(here.host))).toBe(true);
  expect(await ensureDebianTool(shellcheck, { host: here.host })).toEqual(first);
  expect(here.calls.filter((call) => call.startsWith("apt-get"))).toEqual(["apt-get download shellcheck"]);
});

test.each<[string, () => void, RegExp]>([
  ["this is no Debian", () => undefined, /this is not Debian/],
  [
    "apt has no such package",
    () => {
      debian();
      here.answer("apt-get", () => ({ code: 100, stderr: "E: Unable to locate package shellcheck" }));
    },
    /Unable to locate package/,
  ],
  [
    "the unpacked program does not run",
    () => {
      debian();
      here.answer("shellcheck", () => ({ code: 127, stderr: "no such library" }));
    },
    /no such library/,
  ],
])("when %s, the error says so, what to do, and nothing half is left", async (_, prepare, reason) => {
  prepare();
  const error: unknown = await ensureDebianTool(shellcheck, { host: here.host }).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(ToolMissingError);
  expect((error as ToolMissingError).message).toMatch(/MERIDIAN_SHELLCHECK: not set/);
  expect((error as ToolMissingError).message).toMatch(reason);
  expect((error as ToolMissingError).hint).toContain("apt-get install shellcheck");
  const tools = join(cacheFolder(here.host), "tools", "shellcheck");
  expect(reason.source.includes("Debian") ? [] : readdirSync(tools)).toEqual([]);
});
