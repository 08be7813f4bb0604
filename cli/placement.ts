import { type Command, InvalidArgumentError } from "commander";

import { MeridianError } from "../errors";
import { commitTimes, timingWarnings } from "../regions/commit-time";
import { movesBetween, placeValidators } from "../regions/placement";
import { MINIMUM_VALIDATORS, quorumBudget } from "../regions/quorum";
import { printJson } from "./output";
import { type PlacementReport, renderList, renderPlacement } from "./placement-text";
import { wholeNumber } from "./rehearsal-command";
import { readStackFile } from "./stack-file";

interface PlacementOptions {
  readonly validators: number;
  readonly stack: string;
  readonly dir: string;
  readonly with?: readonly string[];
  readonly without?: readonly string[];
  readonly maxPerRegion: number;
  readonly geographyCap?: Readonly<Record<string, number>>;
  readonly latencyTarget?: number;
  readonly anew?: boolean;
  readonly list?: boolean;
  readonly json?: boolean;
}

const more = `
Those that are there stay where the constraints let them. Exit code 2 for constraints that the regions cannot keep.

Example:
  npx meridian placement --validators 30
  npx meridian placement --validators 50 --with swedensouth --geography-cap "Asia Pacific=6"
  npx meridian placement --validators 50 --max-per-region 3 --list > fleet.txt
  npx meridian config generate --regions fleet.txt --stack fleet --check`;

/** Declares `meridian placement`. */
export function addPlacement(program: Command): void {
  program
    .command("placement")
    .description("Spread validators over a stack's regions: what that survives, how long a block takes, who moves.")
    .requiredOption("--validators <n>", "validators in all", wholeNumber(MINIMUM_VALIDATORS))
    .option("--stack <name>", "stack whose regions are used and compared with (Pulumi.<name>.yaml)", "fleet")
    .option("--dir <folder>", "folder of the Pulumi program", ".")
    .option("--with <regions...>", "further regions that may be used")
    .option("--without <regions...>", "regions of the stack that may not")
    .option("--max-per-region <n>", "most validators in one region", wholeNumber(1), 2)
    .option("--geography-cap <name=n>", 'most in a geography, e.g. "Asia Pacific=8"; may be repeated', geographyCap)
    .option(
      "--latency-target <ms>",
      "longest commit of any proposer's block, network only; far regions are left out for it",
      wholeNumber(1),
    )
    .option("--anew", "place all of them anew, whatever moves")
    .option("--list", "print the regions as `config generate --regions` reads them")
    .option("--json", "print placement, budget, commit times and moves as JSON")
    .addHelpText("after", more)
    .action((options: PlacementOptions) => {
      const report = plan(options);
      if (options.json === true) printJson(report);
      else process.stdout.write(options.list === true ? renderList(report) : renderPlacement(report));
    });
}

/** @throws InvalidArgumentError, which commander prints with the option's name and value */
function geographyCap(text: string, previous: Readonly<Record<string, number>> = {}): Record<string, number> {
  const [, name, cap] = /^\s*(.*\S)\s*=\s*(\d+)\s*$/.exec(text) ?? [];
  if (name === undefined) throw new InvalidArgumentError('It must be a geography and a number, "Asia Pacific=8".');
  return { ...previous, [name]: Number(cap) };
}

function plan(options: PlacementOptions): PlacementReport {
  const { regions: present, chain } = readStackFile(options.stack, options.dir).fleet;
  const { validators, maxPerRegion, without = [], with: further = [], anew = false } = options;
  const named = [...new Set([...present.map(({ name }) => name), ...further])];
  const stranger = without.find((name) => !named.includes(name));
  if (stranger !== undefined) {
    throw new MeridianError(`--without names ${stranger}, which stack ${options.stack} does not use.`, {
      hint: `Allowed: ${named.join(", ")}.`,
    });
  }
  const { regions, validators: places } = placeValidators({
    validators,
    maxPerRegion,
    regions: named.filter((name) => !without.includes(name)),
    ...(options.geographyCap !== undefined && { geographyCaps: options.geographyCap }),
    ...(options.latencyTarget !== undefined && { latencyTargetMs: options.latencyTarget }),
    ...(!anew && { present }),
  });
  const commit = commitTimes(regions);
  return {
    stack: options.stack,
    // In the order of the stack, so that its file changes as little as the placement.
    regions: named.map((name) => ({
      name,
      validators: regions.find((region) => region.name === name)?.validators ?? 0,
      now: present.find((region) => region.name === name)?.validators ?? 0,
      zones: places.flatMap(({ region, zone }) => (region === name && zone !== undefined ? [zone] : [])),
    })),
    budget: quorumBudget(regions),
    commit,
    warnings: timingWarnings(commit, chain),
    moves: movesBetween(present, regions),
  };
}
