import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import fc from "fast-check";

import { type AlertRule, alertRules, type AlertSettings, missedWindowSeconds } from "../../../monitoring/alerts";
import { unknownSeries } from "../../../monitoring/known-series";
import { azureRuleGroups, MOST_RULES_OF_A_GROUP, prometheusRules } from "../../../monitoring/rule-files";
import { projectRoot } from "../../../toolchain/paths";

const settings: AlertSettings = { blockPeriodSeconds: 2, requestTimeoutSeconds: 4, validators: 48, regions: 24 };
const rules = alertRules(settings);
const runbooks = join(projectRoot, "docs", "runbooks");

/** Pages that no rule names, and rules whose page is not there or does not name them. */
const runbookFaults = (of: readonly AlertRule[]): string[] => [
  ...of.flatMap(({ name, runbook, severity }) => {
    const file = join(runbooks, `${runbook}.md`);
    if (!existsSync(file)) return [`${name}: no page ${runbook}`];
    return readFileSync(file, "utf8").includes(`${name} (${severity})`) ? [] : [`${name}: not on its page ${runbook}`];
  }),
  ...readdirSync(runbooks)
    .map((file) => file.replace(/\.md$/, ""))
    .filter((page) => page !== "README" && !of.some(({ runbook }) => runbook === page))
    .map((page) => `${page}: no rule`),
];

test("every rule has a page that names it with its severity, and every page a rule", () => {
  expect(runbookFaults(rules)).toEqual([]);
});

test("a rule without a page, one whose page is another's, and a page without a rule would be caught", () => {
  const [one, two, ...rest] = rules as [AlertRule, AlertRule, ...AlertRule[]];
  expect(runbookFaults([{ ...one, runbook: "nothing" }, { ...two, runbook: "disk" }, ...rest])).toEqual([
    `${one.name}: no page nothing`,
    `${two.name}: not on its page disk`,
    `${one.runbook}: no rule`,
  ]);
});

test("every page says what to do, and when it is over", () => {
  for (const { runbook } of rules) {
    const text = readFileSync(join(runbooks, `${runbook}.md`), "utf8");
    expect(text).toMatch(/^# .+\n\n[^]+## What to do\n\n1\. [^]+## Over when\n\n\S/);
  }
});

test("every rule reads series that Besu, the exporter or the kubelet exports; a misspelt one would be caught", () => {
  expect(unknownSeries(rules.map(({ expression }) => expression))).toEqual([]);
  const misspelt = rules.map(({ expression }) => expression.replace("messages_inbound_total", "message_inbound_total"));
  expect(unknownSeries(misspelt)).toEqual(["besu_network_p2p_message_inbound_total"]);
});

test("names are unique, and each says in its summary what happened, not which rule it is", () => {
  expect(new Set(rules.map(({ name }) => name)).size).toBe(rules.length);
  for (const { name, summary } of rules) {
    expect(name).toMatch(/^Meridian[A-Z]\w+$/);
    expect(summary).toMatch(/\.$/);
  }
});

describe("the same rules for two rulers", () => {
  const azure = azureRuleGroups(rules, "https://example.org/runbooks/");
  const [plain] = prometheusRules(rules, "docs/runbooks").groups;

  test("Azure's groups hold all of them, no more than it takes in one", () => {
    expect(azure.flatMap((group) => group.rules.map(({ alert }) => alert))).toEqual(rules.map(({ name }) => name));
    for (const group of azure) expect(group.rules.length).toBeLessThanOrEqual(MOST_RULES_OF_A_GROUP);
    const many = azureRuleGroups([...rules, ...rules, ...rules], "");
    expect(many.map((group) => group.rules.length)).toEqual([20, 20, rules.length * 3 - 40]);
  });

  test("they say the same: expression, time, severity, summary, and where the page is", () => {
    const halted = { alert: "MeridianChainHalted", labels: { severity: "critical" } };
    expect(azure[0]!.rules[0]).toMatchObject({
      ...halted,
      expression: "time() - max(besu_blockchain_chain_head_timestamp) > 60",
      severity: 1,
      for: "PT1M",
      annotations: { runbook_url: "https://example.org/runbooks/chain-halted.md" },
    });
    expect(plain!.rules[0]).toMatchObject({
      ...halted,
      expr: "time() - max(besu_blockchain_chain_head_timestamp) > 60",
      for: "60s",
      annotations: { runbook_url: "docs/runbooks/chain-halted.md" },
    });
    expect(plain!.rules.map(({ expr }) => expr)).toEqual(
      azure.flatMap((group) => group.rules.map(({ expression }) => expression)),
    );
  });

  test("expressions are within Azure's 4,096 characters", () => {
    for (const { expression } of rules) expect(expression.length).toBeLessThan(4096);
  });
});

test("missed turns are counted over at least six turns of every validator, in whole minutes", () => {
  const periods = fc.integer({ min: 1, max: 3600 });
  fc.assert(
    fc.property(periods, fc.integer({ min: 4, max: 100 }), (blockPeriodSeconds, validators) => {
      const window = missedWindowSeconds({ ...settings, blockPeriodSeconds, validators });
      expect(window).toBeGreaterThanOrEqual(Math.max(1800, 6 * validators * blockPeriodSeconds));
      expect(window % 60).toBe(0);
    }),
  );
});

test("a chain counts as halted by the age that its own timing allows", () => {
  const slow = alertRules({ ...settings, blockPeriodSeconds: 10, requestTimeoutSeconds: 20 });
  expect(slow[0]!.expression).toContain("> 300");
});
