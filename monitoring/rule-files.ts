import type { AlertRule, Severity } from "./alerts";

/** Between two evaluations, in seconds. */
const INTERVAL_SECONDS = 60;

/** Most rules of one group (Azure docs, "Azure Monitor service limits", Prometheus rule groups). */
export const MOST_RULES_OF_A_GROUP = 20;

/** Azure's severities, 0 to 4 (Azure docs, "Azure Monitor managed service for Prometheus rule groups"). */
const azureSeverity: Readonly<Record<Severity, number>> = { critical: 1, warning: 2, info: 3 };

/** URL of a rule's page. @param base of all of them, with or without a slash at its end */
export const runbookUrl = (base: string, { runbook }: AlertRule): string => `${base.replace(/\/$/, "")}/${runbook}.md`;

/** The rules as Prometheus reads them from a file, to be written as YAML or JSON. */
export const prometheusRules = (rules: readonly AlertRule[], runbooks: string) => ({
  groups: [
    {
      name: "meridian",
      interval: `${INTERVAL_SECONDS}s`,
      rules: rules.map((rule) => ({
        alert: rule.name,
        expr: rule.expression,
        ...(rule.forSeconds > 0 && { for: `${rule.forSeconds}s` }),
        labels: { severity: rule.severity },
        annotations: annotationsOf(rule, runbooks),
      })),
    },
  ],
});

/** The rules as Azure's managed Prometheus takes them, in as many groups as it needs. */
export function azureRuleGroups(rules: readonly AlertRule[], runbooks: string) {
  const count = Math.ceil(rules.length / MOST_RULES_OF_A_GROUP);
  return Array.from({ length: count }, (_, i) => ({
    name: `meridian-${i}`,
    interval: minutes(INTERVAL_SECONDS),
    rules: rules.slice(i * MOST_RULES_OF_A_GROUP, (i + 1) * MOST_RULES_OF_A_GROUP).map((rule) => ({
      alert: rule.name,
      expression: rule.expression,
      enabled: true,
      severity: azureSeverity[rule.severity],
      ...(rule.forSeconds > 0 && { for: minutes(rule.forSeconds) }),
      labels: { severity: rule.severity },
      annotations: annotationsOf(rule, runbooks),
      resolveConfiguration: { autoResolved: true, timeToResolve: "PT10M" },
    })),
  }));
}

const annotationsOf = (rule: AlertRule, runbooks: string) => ({
  summary: rule.summary,
  runbook_url: runbookUrl(runbooks, rule),
});

/** An ISO 8601 duration of whole minutes. */
const minutes = (seconds: number): string => `PT${Math.ceil(seconds / 60)}M`;
