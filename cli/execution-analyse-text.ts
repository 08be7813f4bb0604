import type { Analysis, BlockAnalysis, Bounds } from "../execution/analyse/analysis";
import { formatTable } from "../table";

/** Blocks told one by one; of more, those with the longest critical paths. */
const MOST_BLOCKS = 20;

const grouped = (count: number): string => count.toLocaleString("en-US");
const times = (bound: number | undefined): string => `${(bound ?? 1).toFixed(2)}x`;
const count = (number: number, what: string): string => `${grouped(number)} ${what}${number === 1 ? "" : "s"}`;

/** `block 7`, `blocks 5 to 9` */
export function formatRange({ blocks }: Analysis): string {
  const [first, last] = [blocks[0]?.number ?? 0, blocks.at(-1)?.number ?? 0];
  return first === last ? `block ${first}` : `blocks ${first} to ${last}`;
}

/** An analysis for people: what there is to gain, block by block and in total, and what stands in the way. */
export function formatAnalysis(analysis: Analysis): string {
  const { chainId, method, total, cores, caveats } = analysis;
  const range = formatRange(analysis);
  const head = `Chain ${chainId}, ${range}: ${count(total.transactions, "transaction")}, ${grouped(total.gas)} gas; accesses by ${method}.`;
  if (total.transactions === 0) return `${head}\nThere is nothing to execute.\n`;
  const most = cores.at(-1) ?? 1;
  const share = (100 * total.criticalPathGas) / total.gas;
  const summary = [
    `On ${most} cores parallel execution can be ${times(total.bounds[most])} as fast as one after the other, at most:`,
    `${count(total.components, "independent group")}, and chains that must wait for each other are ${share.toFixed(0)}% of the gas.`,
  ].join(" ");
  const notes = caveats.slice(0, 3).map((text) => `Note: ${text}.`);
  if (caveats.length > 3) notes.push(`Note: ${caveats.length - 3} more in --json.`);
  return `${[head, summary, "", blockTable(analysis), "", ...hotTables(analysis), ...notes].join("\n").trimEnd()}\n`;
}

function blockTable({ blocks, total, cores }: Analysis): string {
  const boundCells = (bounds: Bounds) => cores.map((count) => times(bounds[count]));
  const longest = [...blocks].sort((a, b) => b.criticalPathGas - a.criticalPathGas).slice(0, MOST_BLOCKS);
  const shown = blocks.length > MOST_BLOCKS ? longest.sort((a, b) => a.number - b.number) : blocks;
  const row = (block: BlockAnalysis) => [
    String(block.number),
    ...[block.transactions, block.components, block.largestComponent, block.gas, block.criticalPathGas].map(grouped),
    ...boundCells(block.bounds),
  ];
  const heading = ["BLOCK", "TXS", "GROUPS", "LARGEST", "GAS", "CRITICAL PATH", ...cores.map((n) => `${n} CORES`)];
  const all = [
    ...["total", grouped(total.transactions), grouped(total.components), "-"],
    ...[grouped(total.gas), grouped(total.criticalPathGas), ...boundCells(total.bounds)],
  ];
  const table = formatTable([heading, ...shown.map(row), all]);
  const left = blocks.length - shown.length;
  return left === 0
    ? table
    : `${table}\nThe ${shown.length} blocks with the longest critical paths; ${left} more in --json.`;
}

/** What the bound would be without each place, and without each account. */
function hotTables({ hotPlaces, hotAccounts, cores, total }: Analysis): string[] {
  const most = cores.at(-1) ?? 1;
  if (hotPlaces.length === 0) return ["No transaction needs another of its block.", ""];
  const now = times(total.bounds[most]);
  const heading = (what: string) => [what, "WAITING", "CRITICAL PATH", `${most} CORES WITHOUT (NOW ${now})`];
  const row = (spot: (typeof hotPlaces)[number] | (typeof hotAccounts)[number]) => [
    spot.name,
    count(spot.transactions, "tx"),
    spot.savedGas === 0 ? "no shorter" : `-${grouped(spot.savedGas)} gas`,
    times(spot.boundWithout[most]),
  ];
  return [
    formatTable([heading("WHICH PLACE COSTS IT"), ...hotPlaces.map(row)]),
    "",
    formatTable([heading("WHICH ACCOUNT"), ...hotAccounts.map(row)]),
    "",
  ];
}
