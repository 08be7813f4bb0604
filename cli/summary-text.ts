import { outcomeRows } from "../operations/retry/table";
import { formatDuration } from "../rehearsal/report/format";
import type { Summary } from "../rehearsal/report/summary";
import { formatTable } from "../table";

/** Lines of a table, set in by two spaces. */
export const table = (rows: readonly (readonly string[])[]): string[] =>
  formatTable(rows)
    .split("\n")
    .map((line) => `  ${line}`);

const contractRows = (contracts: Summary["contracts"]): string[] =>
  table([
    ["chain", "contract", "address", "verified"],
    ...contracts.map(({ chain, name, address, verification }) => [
      chain,
      name.slice(chain.length + 1),
      address,
      verification,
    ]),
  ]);

const waits: Readonly<Record<string, string>> = { slot: "waited for a slot", chain: "waited for blocks" };

const timing = (summary: Summary): string[] => {
  if (summary.criticalPath.length === 0) return ["Nothing to do: the deployment is as the program says."];
  const factor = summary.oneAtATimeSeconds / summary.virtualSeconds;
  const reach = summary.virtualTimeIsExact ? "" : " (approximate on this system)";
  return [
    `By Azure's modelled latencies this takes ${formatDuration(summary.virtualSeconds * 1000)}${reach} with --parallel ${summary.parallel};` +
      ` one at a time ${formatDuration(summary.oneAtATimeSeconds * 1000)}, ${factor.toFixed(1)} times as long.`,
    `Here it took ${formatDuration(summary.realSeconds * 1000)}.`,
    "",
    "Critical path",
    ...table(
      summary.criticalPath
        .filter(({ seconds }) => seconds > 0)
        .map(({ name, kind, seconds, waitedFor }) => [
          name,
          kind,
          formatDuration(seconds * 1000),
          waits[waitedFor] ?? "",
        ]),
    ),
  ];
};

const incidents = ({ trouble, crashed, resumed = [], faults = [], attempts = 1, retried = [] }: Summary): string[] => [
  ...(resumed.length === 0
    ? []
    : ["Left by an interrupted run", ...table(resumed.map((one) => [one.resource, one.explanation])), ""]),
  ...(faults.length === 0 ? [] : [`Faults: ${faults.join(", ")}.`, ""]),
  ...(trouble === undefined
    ? []
    : [
        `Azure was asked again ${trouble.retries} times; throttled operations waited ${formatDuration(trouble.throttledSeconds * 1000)} in all.`,
        "",
      ]),
  ...(retried.length === 0 ? [] : [`What failed in ${attempts} attempts`, ...table(outcomeRows(retried)), ""]),
  ...(crashed === undefined
    ? []
    : [
        `The engine was killed when ${crashed} was ready in Azure. Run again: what exists is taken into the stack.`,
        "",
      ]),
];

/** The summary for people. */
export const formatSummary = (summary: Summary): string => {
  const { stack, regions, validators, contracts, resources, errors, report } = summary;
  const done = Object.entries(resources).map(([what, count]) => `${count} ${what}`);
  return [
    `${summary.succeeded ? "Rehearsed" : "Failed to rehearse"} stack ${stack}: ${done.join(", ") || "nothing done"}.`,
    "",
    ...(errors.length === 0
      ? []
      : ["Errors", ...table(errors.map(({ resource = "", message }) => [resource, message])), ""]),
    ...incidents(summary),
    `Validators (${validators.length} in ${regions.length} regions)`,
    ...table(validators.map(({ name, address, host }) => [name, address, host])),
    "",
    `Contracts (${contracts.length})`,
    ...contractRows(contracts),
    "",
    ...timing(summary),
    ...(report === undefined ? [] : ["", `Report: ${report}`]),
    "",
  ].join("\n");
};
