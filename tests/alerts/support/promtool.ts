import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { AlertRule } from "../../../monitoring/alerts";
import { prometheusRules } from "../../../monitoring/rule-files";
import { findDebianTool } from "../../../toolchain/debian-package";
import { promtool as tool } from "../../../toolchain/promtool";
import { run } from "../../../toolchain/run";
import type { AlertCase } from "../cases";

export interface Verdict {
  readonly passed: boolean;
  readonly output: string;
}

const RUNBOOKS = "docs/runbooks";

/** Labels and annotations of an alert as Prometheus fills them in. */
function expectedOf({ severity, summary, runbook }: AlertRule, labels: Readonly<Record<string, string>>) {
  const filled = summary.replace(/\{\{ \$labels\.(\w+) \}\}/g, (_, label: string) => labels[label] ?? "");
  return {
    exp_labels: { severity, ...labels },
    exp_annotations: { summary: filled, runbook_url: `${RUNBOOKS}/${runbook}.md` },
  };
}

/** Runs a command of promtool over files that it writes for it. JSON is YAML. */
async function promtool(args: readonly string[], files: Readonly<Record<string, object>>): Promise<Verdict> {
  const { path } = await findDebianTool(tool);
  const folder = mkdtempSync(join(tmpdir(), "meridian-promtool-"));
  try {
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), JSON.stringify(content));
    const { code, stdout, stderr, problem = "" } = await run(path, args, { cwd: folder, timeoutMs: 120_000 });
    return { passed: code === 0, output: stdout + stderr + problem };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** `promtool check rules` over a rule file. */
export const checkRules = (rules: readonly AlertRule[]): Promise<Verdict> =>
  promtool(["check", "rules", "rules.yaml"], { "rules.yaml": prometheusRules(rules, RUNBOOKS) });

/** `promtool test rules` over cases, each with metrics of its own; of the rules those alone that the cases are about. */
export function testRules(rules: readonly AlertRule[], cases: readonly AlertCase[]): Promise<Verdict> {
  const tests = cases.map(({ alert, input, atMinutes = 30, fires }) => {
    const rule = rules.find(({ name }) => name === alert);
    if (rule === undefined) throw new Error(`There is no rule ${alert}.`);
    return {
      interval: "1m",
      input_series: Object.entries(input).map(([series, values]) => ({ series, values })),
      alert_rule_test: [
        { eval_time: `${atMinutes}m`, alertname: alert, exp_alerts: fires.map((labels) => expectedOf(rule, labels)) },
      ],
    };
  });
  return promtool(["test", "rules", "tests.yaml"], {
    "rules.yaml": prometheusRules(
      rules.filter(({ name }) => cases.some(({ alert }) => alert === name)),
      RUNBOOKS,
    ),
    "tests.yaml": { rule_files: ["rules.yaml"], evaluation_interval: "1m", tests },
  });
}
