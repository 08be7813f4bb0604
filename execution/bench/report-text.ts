import { formatTable } from "../../table";
import type { BenchReport } from "./bench";
import type { Measured, Spread } from "./measure";

const whole = (value: number): string => Math.round(value).toLocaleString("en-US");
const times = ({ median, least, most }: Spread): string =>
  `${median.toFixed(2)} (${least.toFixed(2)} to ${most.toFixed(2)})`;
const percent = (share: number): string => `${(share * 100).toFixed(0)}%`;
const achieved = (measured: Measured, name: string) => measured.achieved.find((each) => each.name === name);

/** Speed-up of a strategy, and the share of executions that it repeated or let wait. */
function strategyCells(measured: Measured, name: string): string[] {
  const found = achieved(measured, name);
  if (found === undefined) return ["", ""];
  return [times(found.speedup), `${percent(found.abortRate)} + ${percent(found.waitRate)}`];
}

const head = [
  ...["workload", "gas/tx", "sequential tx/s", "Mgas/s", "vs plain", "bound"],
  ...["optimistic", "again + waited", "scheduled", "again + waited", "adaptive", "again + waited"],
];

function row(measured: Measured): string[] {
  const sequential = achieved(measured, "sequential");
  return [
    measured.workload,
    whole(measured.gasPerTransaction),
    whole(sequential?.transactionsPerSecond.median ?? 0),
    ((sequential?.gasPerSecond ?? 0) / 1e6).toFixed(0),
    measured.againstPlain === undefined ? "" : `${measured.againstPlain.toFixed(1)}x`,
    measured.bound.toFixed(2),
    ...["optimistic", "scheduled", "adaptive"].flatMap((name) => strategyCells(measured, name)),
  ];
}

const strategyNames = ["optimistic", "scheduled", "adaptive"];
const speedups = (measured: Measured): string[] =>
  strategyNames.map((name) => {
    const found = achieved(measured, name);
    return found === undefined ? "" : times(found.speedup);
  });

/** The whole report as text. */
export function formatReport(report: BenchReport): string {
  const { machine, transactions, rounds, seed, workloads, contention, threads, native } = report;
  const lines = [
    `${machine.cpu}, ${machine.cores} cores, Node.js ${machine.node}; ${transactions} transactions a block, median of ${rounds} blocks (least to most), seed ${seed}.`,
    `Speed-ups are against our sequential execution of the same block, on ${workloads[0]?.threads ?? machine.cores} threads; the bound is what its longest chain allows them.`,
    "",
    formatTable([head, ...workloads.map(row)]),
  ];
  if (contention.length > 0) {
    const rows = contention.map((each) => [`${each.percent}%`, each.bound.toFixed(2), ...speedups(each)]);
    lines.push("", "Contention: calls to one actor", formatTable([["hot", "bound", ...strategyNames], ...rows]));
  }
  if (threads.length > 0) {
    const rows = threads.map((each) => [each.workload, String(each.threads), each.bound.toFixed(2), ...speedups(each)]);
    lines.push("", "Threads", formatTable([["workload", "threads", "bound", ...strategyNames], ...rows]));
  }
  if (native !== undefined) {
    const transfers = workloads.find(({ workload }) => workload === native.workload);
    const best = Math.max(
      ...(transfers?.achieved ?? []).map(({ transactionsPerSecond }) => transactionsPerSecond.median),
    );
    const one = native.transactionsPerSecond;
    lines.push(
      "",
      `A native client beside: anvil, one transaction after the other, makes blocks of the same plain transfers at ${whole(one.median)} tx/s (${whole(one.least)} to ${whole(one.most)}), senders recovered before.`,
      ...(transfers === undefined
        ? []
        : [
            `The fastest here: ${whole(best)} tx/s, senders recovered meanwhile: anvil is ${(one.median / best).toFixed(1)} times as fast.`,
          ]),
    );
  }
  return `${lines.join("\n")}\n`;
}
