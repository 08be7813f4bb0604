import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";

import type { Command } from "commander";

import { MeridianError } from "../errors";
import { costOf } from "../regions/cost";
import { quorumBudget } from "../regions/quorum";
import { projectRoot } from "../toolchain/paths";
import { showProgress } from "../toolchain/progress";
import { pricedFleet } from "../fleet-cost";
import { readText, writeText } from "./files";
import { printJson } from "./output";
import { wholeNumber } from "./rehearsal-command";
import { readStackFile } from "./stack-file";

interface ReportOptions {
  readonly base: string;
  readonly stack: readonly string[];
  readonly parallel: number;
  readonly policies?: string;
  readonly out?: string;
  readonly json?: boolean;
}

/** Declares `meridian report`. */
export function addReport(program: Command): void {
  const report = program
    .command("report")
    .description("Say what a change does, for a pull request.")
    .addHelpText("after", "\nExample:\n  npx meridian report pr --base origin/main --stack dev fleet --out comment.md");
  report
    .command("pr")
    .description("Rehearse the base, preview the head on it, and write one Markdown comment about the difference.")
    .requiredOption("--base <commit>", "commit that the pull request is compared with")
    .option("--stack <names...>", "stacks to compare", ["dev"])
    .option("--parallel <n>", "engine operations at a time in the rehearsals", wholeNumber(1), 24)
    .option("--policies <file>", "settings of the policies (else policy/<stack>.json, else the defaults)")
    .option("--out <file>", "write the comment there instead of to stdout")
    .option("--json", "print what the comment is made of as JSON")
    .addHelpText(
      "after",
      `
The base is taken out of Git and deployed in the rehearsal; the working tree is the head. Nothing of a cloud is needed.
Exit code 0: written; 1: written, and a policy is violated or the head cannot be deployed; or the base cannot; 2: bad input.

Example:
  npx meridian report pr --base origin/main --stack dev fleet --out comment.md`,
    )
    .action(reportPullRequest);
}

async function reportPullRequest({
  base,
  stack: stacks,
  parallel,
  policies,
  out,
  json = false,
}: ReportOptions): Promise<void> {
  const { compareInRehearsal } = await import("../rehearsal/pull-request.js");
  const { needsAttention, renderPullRequest } = await import("../pipeline/pull-request.js");
  const { parsePolicySettings } = await import("../policy/settings.js");
  const { ensurePulumi } = await import("../toolchain/pulumi.js");
  // At a place that stays the same, for what is kept of the program by its folder; gone afterwards.
  const folder = join(projectRoot, ".meridian", "report");
  rmSync(folder, { recursive: true, force: true });
  try {
    const basis = takeOut(base, join(folder, "base"));
    const settingsOf = (stack: string) => {
      const own = join(projectRoot, "policy", `${stack}.json`);
      const file = policies ?? (existsSync(own) ? own : undefined);
      return file === undefined ? {} : parsePolicySettings(parseJson(readText(file), file), file);
    };
    const versions = stacks.map((stack) => ({
      ...{ stack, policies: settingsOf(stack) },
      base: { program: basis, known: knownOf(stack, basis) },
      head: { program: projectRoot, known: knownOf(stack, projectRoot) },
    }));
    const { pulumi } = await ensurePulumi({ onProgress: showProgress() });
    const changes = [];
    for (const each of versions) {
      changes.push(
        await compareInRehearsal({ ...each, parallel, pulumi: pulumi.path, folder: join(folder, each.stack) }),
      );
    }
    const text = renderPullRequest(changes);
    if (out !== undefined) writeText(out, text);
    if (json) printJson(changes);
    else if (out === undefined) process.stdout.write(text);
    if (needsAttention(changes)) process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A commit's files, with this checkout's packages. @throws MeridianError for what is no commit */
export function takeOut(commit: string, folder: string, repository = projectRoot): string {
  const git = (...args: readonly string[]): string =>
    execFileSync("git", ["-C", repository, ...args], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  let sha: string;
  try {
    sha = git("rev-parse", "--verify", "--end-of-options", `${commit}^{commit}`).trim();
  } catch (cause) {
    throw new MeridianError(`--base ${commit} is no commit of ${repository}.`, {
      cause,
      hint: "In CI the whole history must be there: actions/checkout with fetch-depth: 0.",
    });
  }
  mkdirSync(folder, { recursive: true });
  const archive = `${folder}.tar`;
  git("archive", "--format=tar", `--output=${resolve(archive)}`, sha);
  execFileSync("tar", ["-xf", archive, "-C", folder]);
  rmSync(archive);
  rmSync(join(folder, "node_modules"), { recursive: true, force: true });
  symlinkSync(join(repository, "node_modules"), join(folder, "node_modules"));
  return folder;
}

/** What a stack's configuration says of price and quorum. */
function knownOf(stack: string, folder: string) {
  const { fleet } = readStackFile(stack, folder);
  const { usdAMonth, unknown } = costOf(pricedFleet(fleet));
  const { validators, stoppable, anyRegions } = quorumBudget(fleet.regions);
  return { usdAMonth, withoutPrice: unknown, validators, stoppable, anyRegions };
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new MeridianError(`${file} is not JSON: ${(cause as Error).message}.`, { cause });
  }
}
