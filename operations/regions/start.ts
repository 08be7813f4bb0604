import { RESTART_FROM_ROUND, roundAfter } from "../../besu/rounds";
import { startOrder } from "../../regions/power";
import { quorum } from "../../regions/quorum";
import { limit, manyListeners } from "../abort";
import { eachRegion, type RegionContext, type RegionOutcome } from "./each-region";
import { type OperatedRegion, placementOf } from "./network";
import { restartTogether } from "./recover";
import { settledCluster } from "./settled";
import type { Machinery, RunOptions } from "./status";
import { FleetWatch, headOf, type Sights, upByRegion } from "./watch";

export interface PowerOptions extends RunOptions {
  /** Between two looks at a validator, or at a cluster that Azure is still busy with, in milliseconds. @default 1,000 */
  readonly pollMs?: number;
}

/** A region that was started. */
export interface Started {
  /** Whether its cluster had to be. */
  readonly cluster: "started" | "ran already";
  readonly ready: number;
  /** False where too few regions run for the chain to make blocks: its validators are up, and wait. */
  readonly blocks: boolean;
}

export interface StartResult {
  /** In the order of the configuration. */
  readonly outcomes: readonly RegionOutcome<Started>[];
  /** Whether all validators were restarted together, since their rounds had climbed. */
  readonly restarted: boolean;
}

/** Blocks that a validator may be behind the newest when it counts as in sync. */
const IN_SYNC = 2;

/**
 * Starts regions, all at once or as many at a time as `concurrency` says, enough for a quorum first. A region is started
 * when its validators answer, are in sync, have every other validator that answers as a peer, and a new block has come;
 * a slot is held for Azure's part alone, since a validator may have to wait for those of other regions.
 */
export async function startRegions(
  machinery: Machinery,
  regions: readonly OperatedRegion[],
  options: PowerOptions,
): Promise<StartResult> {
  const { network, clusters, validators } = machinery;
  const { pollMs = 1_000 } = options;
  const placement = placementOf(network);
  const needed = quorum(placement.reduce((sum, one) => sum + one.validators, 0));
  const everyone = network.regions.flatMap((region) => region.validators);
  const watch = new FleetWatch(validators, everyone, { intervalMs: pollMs, signal: options.signal });
  const over = manyListeners();
  try {
    const seen = await firstLook(machinery, options);
    const before = upByRegion(seen);
    const names = regions.map(({ name }) => name);
    const willRun = placement.map(({ name, validators: own }) => (names.includes(name) ? own : (before[name] ?? 0)));
    const expectsBlocks = sum(willRun) >= needed;
    const wasHalted = seen.length < needed;
    const order = startOrder(placement, before, names).flatMap(
      (name) => regions.find((one) => one.name === name) ?? [],
    );
    const healing =
      wasHalted && expectsBlocks ? heal(machinery, watch, needed, seen, over.signal) : Promise.resolve(false);
    const outcomes = await eachRegion(
      order,
      async (region, context) => {
        const cluster = await powerOn(clusters, region, context, pollMs);
        context.release();
        context.step("waiting for its validators");
        const ready = await watch.until(readyIn(region, expectsBlocks, headOf(watch.sights)), context.signal);
        return { cluster, ready, blocks: expectsBlocks };
      },
      options,
    );
    over.abort();
    const byName = new Map(outcomes.map((outcome) => [outcome.region, outcome]));
    return { outcomes: regions.flatMap(({ name }) => byName.get(name) ?? []), restarted: await healing };
  } finally {
    over.abort();
    watch.close();
  }
}

/** A validator that has not answered by then counts as down, in milliseconds. */
const LONGEST_LOOK_MS = 5_000;

/** One look at every validator: who answers now. */
export async function firstLook(
  { network, validators }: Machinery,
  { signal, timeoutMs }: RunOptions,
): Promise<Sights> {
  const all = network.regions.flatMap((region) => region.validators);
  const limited = limit(Math.min(timeoutMs, LONGEST_LOOK_MS), signal);
  try {
    const looks = await Promise.all(all.map((one) => validators.look(one, limited.signal).catch(() => undefined)));
    return looks.flatMap((sight) => sight ?? []);
  } finally {
    limited.dispose();
  }
}

/** The cluster, and each pool that had been stopped by itself. */
async function powerOn(
  clusters: Machinery["clusters"],
  region: OperatedRegion,
  { signal, step }: RegionContext,
  pollMs: number,
): Promise<Started["cluster"]> {
  const state = await settledCluster(clusters, region, { signal, step, pollMs });
  const wasStopped = state.power === "stopped";
  if (wasStopped) {
    step("starting the cluster");
    await clusters.start(region, signal);
  }
  const now = wasStopped ? await settledCluster(clusters, region, { signal, step, pollMs }) : state;
  // One after the other: AKS takes one operation on a cluster at a time.
  for (const { name, power } of now.pools) {
    if (power === "running") continue;
    step(`starting the pool ${name}`);
    await clusters.startPool(region, name, signal);
  }
  return wasStopped ? "started" : "ran already";
}

/** How many validators of the region are ready once all are. */
const readyIn =
  (region: OperatedRegion, expectsBlocks: boolean, headBefore: number) =>
  (sights: Sights): number | undefined => {
    const head = headOf(sights);
    if (expectsBlocks && head <= headBefore) return undefined;
    const ready = sights.filter(
      (one) =>
        one.region === region.name &&
        !one.syncing &&
        head - one.head.number <= IN_SYNC &&
        one.peers >= sights.length - 1,
    );
    return ready.length === region.validators.length ? ready.length : undefined;
  };

/**
 * Once a quorum answers after a halt: validators that have waited for it for more than a few rounds are restarted, all
 * together, or the first block would take them as long again.
 *
 * @returns whether that was done
 */
async function heal(
  machinery: Machinery,
  watch: FleetWatch,
  needed: number,
  before: Sights,
  signal: AbortSignal,
): Promise<boolean> {
  const { network, now = Date.now } = machinery;
  try {
    // Rounds have climbed since the last block in those that ran on; in the others, since the first of them was up.
    const firstUp = await watch.until((sights) => (sights.length > 0 ? now() : undefined), signal);
    const since = before.length === 0 ? firstUp : Math.max(...before.map((one) => one.head.timestampMs));
    const head = headOf(watch.sights);
    await watch.until((sights) => (sights.length >= needed ? true : undefined), signal);
    if (headOf(watch.sights) > head) return false;
    if (roundAfter((now() - since) / 1000, network.requestTimeoutSeconds) < RESTART_FROM_ROUND) return false;
    const up = upByRegion(watch.sights);
    await restartTogether(
      machinery,
      network.regions.filter(({ name }) => (up[name] ?? 0) > 0),
      signal,
    );
    return true;
  } catch {
    return false; // the command is over, or Azure did not take it: the chain climbs back by itself, only later
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
