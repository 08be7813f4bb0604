import { type Command, Option } from "commander";

import { HISTORY, notNegative, upToThousand } from "./ci-inputs";

/** Options of `meridian ci plan` as commander gives them. */
export interface PlanCliOptions {
  readonly history: string;
  readonly durations?: string;
  readonly files?: string;
  readonly root: string;
  readonly pipeline?: string;
  readonly stacks?: string;
  readonly level: "basic" | "intelligent" | "aggressive" | "experimental";
  readonly strategy?: "round-robin" | "least-loaded" | "resource-aware" | "adaptive" | "predictive";
  readonly shards?: number;
  readonly minRunners: number;
  readonly maxRunners: number;
  readonly setupSeconds: number;
  readonly price?: string;
  readonly targetReduction?: number;
  readonly baselineSeconds?: number;
  readonly out?: string;
  readonly matrix?: string;
  readonly svg?: string;
  readonly json?: boolean;
}

/** Declares `meridian ci plan`; the lists repeat pipeline/, so that `--help` need not load it. */
export function addPlan(ci: Command): void {
  ci.command("plan")
    .description("Split test files over runners, or give every job of a pipeline a runner and a time.")
    .option("--history <file>", "what tests and jobs took", HISTORY)
    .option("--durations <file>", "CSV (file,seconds) in place of a history")
    .option("--files <file>", "test files as they are now, one a line; all of the history without it")
    .option("--root <folder>", "folder that the test files are in", ".")
    .option("--pipeline <file>", "plan this pipeline of jobs and pools (pipeline/examples/six-groups.yaml)")
    .option("--stacks <network>", "a GitHub workflow that deploys a network in one stack a region (docs/scaling.md)")
    .addOption(
      new Option("--level <name>", "optimisation level (docs/pipeline.md)")
        .choices(["basic", "intelligent", "aggressive", "experimental"])
        .default("intelligent"),
    )
    .addOption(
      new Option("--strategy <name>", "in place of the level's").choices([
        "round-robin",
        "least-loaded",
        "resource-aware",
        "adaptive",
        "predictive",
      ]),
    )
    .option("--shards <n>", "exactly so many, rather than a number between the limits", upToThousand)
    .option("--min-runners <n>", "least number of runners", upToThousand, 3)
    .option("--max-runners <n>", "largest number of runners", upToThousand, 12)
    .option("--setup-seconds <n>", "what a shard spends before its first test", notNegative, 0)
    .option("--price <runner>", "runner whose price counts, e.g. linux (pipeline/data/prices.json)")
    .option("--target-reduction <percent>", "take the cheapest number of runners that saves so much", notNegative)
    .option("--baseline-seconds <n>", "what is saved from (default: round-robin over --min-runners)", notNegative)
    .option("--out <file>", "write the plan, for ci shard, ci verify and ci rebalance")
    .option("--matrix <file>", "write a GitHub matrix, a job a shard")
    .option("--svg <file>", "draw it")
    .option("--json", "print the plan as JSON")
    .addHelpText(
      "after",
      `
Exit code 0: planned; 1: --target-reduction cannot be reached, with the reason; 2: bad input.

Examples:
  npx meridian ci plan --min-runners 3 --max-runners 12 --price linux --out plan.json --matrix matrix.json
  npx meridian ci plan --pipeline pipeline/examples/six-groups.yaml --svg pipeline.svg
  npx meridian ci plan --stacks fleet --max-runners 12 --out .github/workflows/deploy.yml`,
    )
    .action(async (options: PlanCliOptions) => {
      if (options.stacks !== undefined) {
        const { maxRunners, out } = options;
        const { planStacks } = await import("./ci-stacks.js");
        planStacks(options.stacks, { maxRunners, ...(out !== undefined && { out }) });
        return;
      }
      const { plan } = await import("./ci-plan-run.js");
      await plan(options);
    });
}
