import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Command } from "commander";

import { projectRoot } from "../toolchain/paths";
import { readStackFile } from "./stack-file";

interface RenderOptions {
  readonly stack: string;
  readonly dir: string;
  readonly out: string;
}

/** Declares `meridian monitoring render`. */
export function addMonitoring(program: Command): void {
  program
    .command("monitoring")
    .description("Dashboards and alert rules of a stack.")
    .addHelpText("after", "\nExample:\n  npx meridian monitoring render --stack fleet --out /tmp/monitoring")
    .command("render")
    .description("Write Grafana's dashboards and Prometheus' rule file of a stack into a folder.")
    .option("--stack <name>", "stack whose Pulumi.<name>.yaml is read", "fleet")
    .option("--dir <folder>", "folder of the Pulumi program", projectRoot)
    .option("--out <folder>", "where to", "monitoring-rendered")
    .addHelpText(
      "after",
      `
The rules are those that a deployed stack has in Azure (meridian:monitoring); the file is for a Prometheus of one's own.

Example:
  npx meridian monitoring render --stack fleet --out /tmp/monitoring
  az grafana dashboard import --name GRAFANA --definition @/tmp/monitoring/meridian-fleet.json --overwrite`,
    )
    .action(render);
}

async function render({ stack, dir, out }: RenderOptions): Promise<void> {
  const { fleet } = readStackFile(stack, dir);
  const { stringify } = await import("yaml");
  const { alertRules, networkOf } = await import("../monitoring/alerts.js");
  const { dashboards } = await import("../monitoring/dashboards/all.js");
  const { prometheusRules } = await import("../monitoring/rule-files.js");
  mkdirSync(out, { recursive: true });
  const files = {
    ...Object.fromEntries(dashboards.map((one) => [`${one.uid}.json`, `${JSON.stringify(one, null, 2)}\n`])),
    "rules.yaml": stringify(prometheusRules(alertRules(networkOf(fleet)), fleet.monitoring.runbooks)),
  };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(out, name), content);
  process.stdout.write(`${Object.keys(files).join("\n")}\n`);
}
