import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import { executable, findOnPath, type Host } from "./host";
import { projectRoot } from "./paths";
import { explainFailure } from "./run";
import type { Outcome, Tool } from "./tool";
import { compareVersions, formatVersion, parseVersion, type Version } from "./versions";

/** Oldest Go that the recipes compile with: the `go` line of their go.mod. */
export const minimumGo: Version = [1, 26, 0];

/** A small Go module in toolchain/recipes: go.mod and go.sum pin every source file that is compiled. */
export interface Recipe {
  /** Folder in toolchain/recipes, and the name of the program. */
  readonly name: string;
  /** Import path of the main package. */
  readonly package: string;
  /** `-X` settings for the linker. */
  readonly define?: Readonly<Record<string, string>>;
}

const recipeFolder = (recipe: Pick<Recipe, "name">): string => join(projectRoot, "toolchain", "recipes", recipe.name);

/**
 * Go on PATH, new enough. It is asked in a recipe's folder: there a Go that manages its own toolchain
 * (GOTOOLCHAIN=auto) answers with the version that go.mod makes it fetch.
 */
export async function findGo(host: Host, signal?: AbortSignal): Promise<Outcome<Tool>> {
  const path = findOnPath("go", host);
  if (path === undefined) return { missed: "go is not on PATH" };
  const answer = await host.run(path, ["version"], {
    cwd: recipeFolder({ name: "pulumi-cli" }),
    timeoutMs: 300_000,
    signal,
  });
  const version = answer.code === 0 ? parseVersion(answer.stdout) : undefined;
  if (version === undefined) return { missed: `"go version" does not answer: ${explainFailure(answer)}` };
  if (compareVersions(version, minimumGo) < 0) {
    return { missed: `go ${formatVersion(version)} is too old: ${formatVersion(minimumGo)} or newer is needed` };
  }
  return { found: { name: "go", version: formatVersion(version), path, source: "path" } };
}

/**
 * Compiles one recipe from the Go module proxy. Nothing is resolved: the versions are those of go.mod and every
 * download must have the hash in go.sum (`-mod=readonly`).
 *
 * @param output absolute path of the program that is made
 */
export async function buildRecipe(
  host: Host,
  go: Tool,
  recipe: Recipe,
  output: string,
  signal?: AbortSignal,
): Promise<Outcome<string>> {
  const define = Object.entries(recipe.define ?? {}).map(([name, value]) => `-X ${name}=${value}`);
  const args = ["build", "-mod=readonly", "-trimpath", "-buildvcs=false", "-ldflags", ["-s -w", ...define].join(" ")];
  const built = await host.run(go.path, [...args, "-o", output, recipe.package], {
    cwd: recipeFolder(recipe),
    env: { CGO_ENABLED: "0", GOWORK: "off" },
    signal,
  });
  return built.code === 0 ? { found: output } : { missed: `go build of ${recipe.name}: ${explainFailure(built, 6)}` };
}

/** Makes `<folder>/bin` and returns the path of a program in it. */
export async function programIn(folder: string, name: string, host: Pick<Host, "platform">): Promise<string> {
  await mkdir(join(folder, "bin"), { recursive: true });
  return join(folder, "bin", executable(name, host.platform));
}
