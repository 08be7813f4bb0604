import { accessSync, constants, statSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";

import { run, type Run } from "./run";

/** What the toolchain needs of the machine: tests give one of their own. */
export interface Host {
  readonly platform: NodeJS.Platform;
  /** As `process.arch`: `x64`, `arm64`. */
  readonly arch: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly run: Run;
}

/** This machine. */
export const thisHost = (): Host => ({
  platform: process.platform,
  arch: process.arch,
  env: process.env,
  home: homedir(),
  run,
});

const nonEmpty = (text: string | undefined): string | undefined => (text === "" ? undefined : text);

/**
 * The user's cache folder for Meridian: `$XDG_CACHE_HOME/meridian` or `~/.cache/meridian` on Linux,
 * `~/Library/Caches/meridian` on macOS, `%LOCALAPPDATA%\meridian` on Windows.
 */
export function cacheFolder({ platform, env, home }: Pick<Host, "platform" | "env" | "home">): string {
  switch (platform) {
    case "win32":
      return join(nonEmpty(env.LOCALAPPDATA) ?? join(home, "AppData", "Local"), "meridian");
    case "darwin":
      return join(nonEmpty(env.XDG_CACHE_HOME) ?? join(home, "Library", "Caches"), "meridian");
    default:
      return join(nonEmpty(env.XDG_CACHE_HOME) ?? join(home, ".cache"), "meridian");
  }
}

/** `<cache>/tools/<tool>/<version>` */
export const toolFolder = (host: Pick<Host, "platform" | "env" | "home">, tool: string, version: string): string =>
  join(cacheFolder(host), "tools", tool, version);

/** `pulumi`, or `pulumi.exe` on Windows. */
export const executable = (name: string, platform: NodeJS.Platform): string =>
  platform === "win32" ? `${name}.exe` : name;

/** Whether `path` is a file that may be executed. */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** Absolute path of the first program called `name` on PATH. */
export function findOnPath(name: string, { env, platform }: Pick<Host, "env" | "platform">): string | undefined {
  const folders = (env.PATH ?? env.Path ?? "").split(delimiter).filter((folder) => folder !== "");
  return folders.map((folder) => join(folder, executable(name, platform))).find(isExecutable);
}
