import { join } from "node:path";

import { findChromium } from "../../../toolchain/chromium";
import { ToolMissingError } from "../../../toolchain/tool";
import { machine, writeProgram, type Machine } from "./machine";

let here: Machine;
beforeEach(() => (here = machine()));
afterEach(() => here.remove());

const version = "Chromium 156.0.8078.79 built on Debian GNU/Linux 12 (bookworm)\n";

test("chromium on PATH says its version", async () => {
  const path = here.install("chromium", () => ({ stdout: version }));
  expect(await findChromium(here.host)).toEqual({ name: "chromium", version: "156.0.8078", path, source: "path" });
});

test("so does Chrome, under one of its names", async () => {
  const path = here.install("google-chrome", () => ({ stdout: "Google Chrome 155.0.1.2\n" }));
  expect(await findChromium(here.host)).toMatchObject({ version: "155.0.1", path });
});

test.each(["MERIDIAN_CHROMIUM", "CHROME_BIN"] as const)("%s comes before PATH", async (variable) => {
  here.install("chromium", () => ({ stdout: version }));
  const path = writeProgram(join(here.home, "my-chromium"));
  here.answer("my-chromium", () => ({ stdout: version }));
  const host = { ...here.host, env: { ...here.host.env, [variable]: path } };
  expect(await findChromium(host)).toMatchObject({ path, source: variable });
});

test("absent, or one that does not start: the error names each place and how to get it", async () => {
  here.install("chromium", () => ({ code: 1, stderr: "no usable sandbox" }));
  const host = { ...here.host, env: { ...here.host.env, CHROME_BIN: "/nowhere/chrome" } };
  const error: unknown = await findChromium(host).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(ToolMissingError);
  expect((error as ToolMissingError).message).toMatch(
    /MERIDIAN_CHROMIUM: not set[^]*\/nowhere\/chrome is no program[^]*no usable sandbox/,
  );
  expect((error as ToolMissingError).hint).toContain("apt-get install chromium");
});
