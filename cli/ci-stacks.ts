import { stringify } from "yaml";

import { stackWorkflow } from "../pipeline/stack-jobs";
import { partsOf, partStack } from "../regions/scope";
import { projectRoot } from "../toolchain/paths";
import { writeText } from "./files";
import { readStackFile } from "./stack-file";

/** Prints, or writes to `out`, the workflow of a network whose regions have stacks of their own. */
export function planStacks(network: string, { maxRunners, out }: { maxRunners: number; out?: string }): void {
  const { fleet } = readStackFile(network, projectRoot);
  const parts = partsOf(fleet.regions.map(({ name }) => name));
  const stacksOf = (wanted: string): string[] =>
    parts.filter(({ scope }) => scope === wanted).map(({ part }) => partStack(network, part));
  const workflow = stackWorkflow({
    global: stacksOf("global")[0] ?? "",
    regions: stacksOf("region"),
    contracts: stacksOf("contracts")[0] ?? "",
    runners: maxRunners,
  });
  const text = `# Generated: npx meridian ci plan --stacks ${network} --max-runners ${maxRunners}\n${stringify(workflow)}`;
  if (out === undefined) process.stdout.write(text);
  else writeText(out, text);
}
