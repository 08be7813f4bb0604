import type { Command } from "commander";

import { projectRoot } from "../toolchain/paths";
import type { GenerateOptions } from "./config-generate";
import type { SplitOptions } from "./config-split";

const EXAMPLE = "\nExample:\n  npx meridian config generate --regions fleet.txt --from .env --stack fleet --check";

/** Declares `meridian config generate` and `meridian config split`. */
export function addConfig(program: Command): void {
  const config = program.command("config").description("Write a stack's configuration.").addHelpText("after", EXAMPLE);
  config
    .command("generate")
    .description("Write the whole validated configuration of a stack, for all regions in one go.")
    .requiredOption("--stack <name>", "stack whose Pulumi.<name>.yaml is written")
    .option("--regions <file>", "regions, one a line: japaneast 2")
    .option("--from <file>", "a .env with MERIDIAN_ variables; its other variables are not looked at")
    .option("--from-outputs <file>", "JSON of `terraform output -json` or `pulumi stack output --json`")
    .option("--check", "say what would change, and write nothing")
    .option("--dir <folder>", "folder of Pulumi.yaml", projectRoot)
    .addHelpText(
      "after",
      `
What no input names stays as it is in the file, comments too. Where inputs disagree, the list of regions goes before the
.env, and that before the outputs. Runs at the same time wait for each other.
Exit code 0: written, or nothing to change; 1: --check found changes; 2: an input is wrong, with its file and line.
${EXAMPLE}`,
    )
    .exitOverride()
    .action(async (options: GenerateOptions) => {
      const { generate } = await import("./config-generate.js");
      await generate(options);
    });
  config
    .command("split")
    .description("Write the stack files of a network's parts: what is shared, each region, the contracts.")
    .requiredOption("--stack <name>", "network whose Pulumi.<name>.yaml is split")
    .option("--check", "say what would change, and write nothing")
    .option("--dir <folder>", "folder of Pulumi.yaml", projectRoot)
    .addHelpText(
      "after",
      `
Pulumi.<name>.<part>.yaml is the network's own configuration with another meridian:scope; salt and secrets in it stay. When
they are there, meridian rollout deploys the network in these stacks (docs/scaling.md). Not for a network that is deployed
in one stack already.
Exit code 0: written, or nothing to change; 1: --check found changes; 2: the configuration is wrong.

Example:
  npx meridian config split --stack fleet --check`,
    )
    .exitOverride()
    .action(async (options: SplitOptions) => {
      const { split } = await import("./config-split.js");
      split(options);
    });
}
