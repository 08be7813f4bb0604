import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { findFoundry } from "../../../toolchain/npm-tools";
import { machine, writeProgram, type Machine } from "./machine";

let here: Machine;
beforeEach(() => (here = machine()));
afterEach(() => here.remove());

const installPackage = (): string => {
  const folder = join(here.home, "node_modules", "@foundry-rs", "anvil-linux-amd64");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), '{"version":"1.7.1"}');
  return writeProgram(join(folder, "bin", "anvil"));
};

test("the npm package's native program comes before the one on PATH, and is not started to be found", async () => {
  const path = installPackage();
  here.install("anvil", () => ({ stdout: "anvil Version: 9.9.9" }));
  expect(await findFoundry("anvil", here.host, here.home)).toEqual({
    name: "anvil",
    version: "1.7.1",
    path,
    source: "npm",
  });
  expect(here.calls).toEqual([]);
});

test("without the package it is the one on PATH", async () => {
  const path = here.install("anvil", () => ({ stdout: "anvil Version: 1.8.0-stable" }));
  expect(await findFoundry("anvil", here.host, here.home)).toMatchObject({ version: "1.8.0", path, source: "path" });
});

test("on a platform without a package, and nothing on PATH, the error says both", async () => {
  const host = { ...here.host, arch: "s390x" };
  await expect(findFoundry("forge", host, here.home)).rejects.toThrow(
    /none is published for linux on s390x[^]*not there/,
  );
});
