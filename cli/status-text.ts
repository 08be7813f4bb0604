import type { FleetStatus, RegionStatus } from "../operations/regions/fleet-status";
import type { StatusResult } from "../operations/regions/status";
import { describeErrors } from "./operate";
import { formatTable } from "../table";

/** A status for people: the fleet in sentences, a line a region, then errors. */
export function formatStatus(stack: string, { status, errors }: StatusResult): string {
  const rows = status.regions.map(row);
  const heading = [
    "REGION",
    "CLUSTER",
    "POOLS",
    "READY",
    "BLOCK",
    "LAG",
    "PEERS",
    "PROPOSED",
    "PARALLEL",
    "BESU",
    "EXPIRES",
  ];
  const table = formatTable([[...heading, "PROBLEMS"], ...rows]);
  return `${describeFleet(stack, status).join("\n")}\n\n${table}\n${describeErrors(errors)}`;
}

const percent = (share: number): string => `${Math.round(share * 100)}%`;

/** `2 more may fail` */
function describeMargin(margin: number): string {
  if (margin < 0) return `${-margin} too few`;
  return margin === 0 ? "none may fail" : `${margin} more may fail`;
}

function describeFleet(stack: string, status: FleetStatus): string[] {
  const { health, ready, validators, quorum, margin, head, headAgeSeconds, blocksPerSecond, worstPair } = status;
  const room = margin === null ? "" : `; ${describeMargin(margin)}`;
  const lines = [`Stack ${stack} is ${health}: ${ready} of ${validators} validators ready, quorum ${quorum}${room}.`];
  if (head !== null) {
    const speed = blocksPerSecond === null ? "" : `, ${blocksPerSecond.toFixed(2)} blocks/s`;
    const rounds = `${status.roundChanges} of the last ${status.window} took a round more`;
    const climbing = status.roundNow > 0 ? `, now in round ${status.roundNow} by its age` : "";
    lines.push(`Block ${head}, ${headAgeSeconds ?? 0} s old${speed}; ${rounds}${climbing}.`);
    const forks = status.forks.length === 0 ? "no fork" : `forks at ${status.forks.slice(0, 3).join(", ")}`;
    lines.push(`${status.oneGenesis ? "One genesis" : "Several geneses"}, ${forks}.`);
  }
  if (worstPair !== null && health !== "halted") {
    const fate = worstPair.survives ? "survives" : "halts";
    lines.push(`Worst pair of regions: without ${worstPair.regions.join(" and ")} the chain ${fate}.`);
  }
  for (const problem of status.problems) lines.push(`Problem: ${problem}.`);
  return lines;
}

/** `67% of 1200`: transactions whose parallel result was taken, of all that were tried in parallel. */
function describeParallel(counters: RegionStatus["parallel"]): string {
  if (counters === null) return "-";
  const { on, parallelized, conflicted } = counters;
  const all = parallelized + conflicted;
  if (!on) return "off";
  return all === 0 ? "0 txs" : `${percent(parallelized / all)} of ${all}`;
}

const dash = (value: number | null): string => (value === null ? "-" : String(value));

function row(region: RegionStatus): string[] {
  const { power, provisioning, pools, expires } = region;
  const running = pools.filter((pool) => pool.power === "running").length;
  return [
    region.region,
    provisioning === "Succeeded" || power === "unknown" ? power : `${power}, ${provisioning}`,
    power === "unknown" ? "-" : `${running}/${pools.length}`,
    `${region.ready}/${region.validators}`,
    dash(region.height),
    dash(region.lag),
    region.peers === null ? "-" : `${region.peers}/${region.expectedPeers}`,
    region.proposed === null ? "-" : `${percent(region.proposed)} of ${percent(region.due)}`,
    describeParallel(region.parallel),
    region.versions.map((version) => version.split("/")[1] ?? version).join(", ") || "-",
    expires === null ? "never" : `${expires.days} d`,
    region.problems.join("; ") || "none",
  ];
}
