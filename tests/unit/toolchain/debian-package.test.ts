import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { ensureDebianTool, findDebianTool } from "../../../toolchain/debian-package";
import { promtool } from "../../../toolchain/promtool";
import { cacheFolder } from "../../../toolchain/host";
import { ToolMissingError } from "../../../toolchain/tool";
import { machine, writeProgram, type Machine } from "./machine";

let here: Machine;
beforeEach(() => (here = machine()));
afterEach(() => here.remove());

const says = () => ({ stdout: "promtool, version 2.42.0+ds (branch: debian/sid)\n" });

/** A Debian whose apt-get brings a package that dpkg-deb can unpack. */
function debian(): void {
  here.install("apt-get", (_, { cwd = "" }) => {
    writeFileSync(join(cwd, "prometheus_2.42.0_amd64.deb"), "");
    return {};
  });
  here.install("dpkg-deb", (_, { cwd = "" }) => {
    writeProgram(join(cwd, "content", "usr", "bin", "promtool"));
    return {};
  });
  here.answer("promtool", says);
}

test("promtool on PATH says its version", async () => {
  const path = here.install("promtool", says);
  expect(await findDebianTool(promtool, here.host)).toEqual({
    name: "promtool",
    version: "2.42.0",
    path,
    source: "path",
  });
});

test("MERIDIAN_PROMTOOL comes before PATH", async () => {
  here.install("promtool", says);
  const path = writeProgram(join(here.home, "my-promtool"));
  here.answer("my-promtool", () => ({ stderr: "promtool, version 3.5.0 (branch: HEAD)\n" }));
  const host = { ...here.host, env: { ...here.host.env, MERIDIAN_PROMTOOL: path } };
  expect(await findDebianTool(promtool, host)).toMatchObject({ path, version: "3.5.0", source: "MERIDIAN_PROMTOOL" });
});

test("without one it comes out of Debian's package, once a machine, and nothing is installed", async () => {
  debian();
  expect(await ensureDebianTool(promtool, { host: here.host })).toMatchObject({
    version: "2.42.0",
    source: "cache",
    origin: "Debian's package prometheus_2.42.0_amd64.deb",
  });
  expect(await findDebianTool(promtool, here.host)).toMatchObject({ version: "2.42.0", source: "cache" });
  expect(here.calls.filter((call) => call.startsWith("apt-get"))).toEqual(["apt-get download prometheus"]);
});

test("finding alone downloads nothing", async () => {
  debian();
  await expect(findDebianTool(promtool, here.host)).rejects.toThrow(ToolMissingError);
  expect(here.calls).toEqual([]);
});

test("no Debian, no network, or a package without the program: the error says so, and nothing is left behind", async () => {
  const error = async () =>
    (await ensureDebianTool(promtool, { host: here.host }).catch((caught: unknown) => caught)) as Error;
  expect((await error()).message).toContain("apt-get is not there");
  debian();
  here.answer("apt-get", () => ({ code: 100, stderr: "E: Unable to fetch some archives" }));
  expect((await error()).message).toContain("Unable to fetch some archives");
  debian();
  here.answer("dpkg-deb", () => ({}));
  expect(await error()).toMatchObject({ hint: expect.stringContaining("apt-get install prometheus") });
  debian();
  expect(await ensureDebianTool(promtool, { host: here.host })).toMatchObject({ version: "2.42.0" });
});

test("an unpacked program that does not run is told, and not kept", async () => {
  debian();
  here.answer("promtool", () => ({ code: 127, stderr: "no such library" }));
  await expect(ensureDebianTool(promtool, { host: here.host })).rejects.toThrow("no such library");
  expect(readdirSync(join(cacheFolder(here.host), "tools", "promtool"))).toEqual([]);
});
