import { join } from "node:path";

import { cacheFolder, findOnPath, toolFolder } from "../../../toolchain/host";
import { foundryPackage } from "../../../toolchain/npm-tools";
import { machine, writeProgram } from "./machine";

const home = "/home/ada";

test.each([
  ["Linux", "linux", {}, "/home/ada/.cache/meridian"],
  ["Linux with XDG_CACHE_HOME", "linux", { XDG_CACHE_HOME: "/x" }, "/x/meridian"],
  ["an empty XDG_CACHE_HOME is none", "linux", { XDG_CACHE_HOME: "" }, "/home/ada/.cache/meridian"],
  ["macOS", "darwin", {}, "/home/ada/Library/Caches/meridian"],
  ["Windows", "win32", { LOCALAPPDATA: "/local" }, "/local/meridian"],
] as const)("the cache folder on %s", (_, platform, env, expected) => {
  expect(cacheFolder({ platform, env, home })).toBe(expected);
});

test("a tool lies in the cache by name and version", () => {
  expect(toolFolder({ platform: "linux", env: {}, home }, "pulumi", "3.259.0")).toBe(
    "/home/ada/.cache/meridian/tools/pulumi/3.259.0",
  );
});

test("PATH is searched in order, for files that may be executed", () => {
  const { home: folder, remove } = machine();
  const second = writeProgram(join(folder, "b", "tool"));
  writeProgram(join(folder, "a", "tool", "a-folder-of-that-name"));
  const env = { PATH: ["a", "", "missing", "b"].map((name) => name && join(folder, name)).join(":") };
  expect(findOnPath("tool", { env, platform: "linux" })).toBe(second);
  expect(findOnPath("other", { env, platform: "linux" })).toBeUndefined();
  remove();
});

test.each([
  ["linux", "x64", "@foundry-rs/anvil-linux-amd64"],
  ["darwin", "arm64", "@foundry-rs/anvil-darwin-arm64"],
  ["win32", "x64", "@foundry-rs/anvil-win32-amd64"],
  ["linux", "s390x", undefined],
] as const)("anvil on %s %s comes from %s", (platform, arch, expected) => {
  expect(foundryPackage("anvil", { platform, arch })).toBe(expected);
});
