import { MeridianError } from "../../errors";
import { haltGroups, planStop, type StopPlan } from "../../regions/power";
import { limit, manyListeners } from "../abort";
import { eachRegion, type RegionContext, type RegionOutcome } from "./each-region";
import { type OperatedRegion, placementOf } from "./network";
import { settledCluster } from "./settled";
import { firstLook, type PowerOptions } from "./start";
import type { Machinery } from "./status";
import { FleetWatch, pause, type Sights, upByRegion } from "./watch";

export interface StopOptions extends PowerOptions {
  /** Whether the chain may stand afterwards. @default false */
  readonly halt?: boolean;
}

/** Stopping these regions would halt the chain, and nobody has asked for that. */
export class QuorumError extends MeridianError {
  override readonly name = "QuorumError";
}

/** What a stop would leave, by the validators that answer now. */
export async function stopPlan(
  machinery: Machinery,
  regions: readonly OperatedRegion[],
  options: PowerOptions,
): Promise<StopPlan> {
  const up = upByRegion(await firstLook(machinery, options));
  const names = regions.map(({ name }) => name);
  return planStop(placementOf(machinery.network), up, names);
}

/** @throws QuorumError for a plan that halts the chain */
export function refuseHalt({ staying, needed, validators, up, mayStop }: StopPlan): void {
  if (staying >= needed) return;
  const already = up < needed ? ` The chain stands already: ${up} answer.` : "";
  const proposal =
    mayStop.length === 0
      ? "None of these regions may stop now."
      : `These may stop together: npx meridian stop ${mayStop.join(" ")}`;
  throw new QuorumError(
    `Stopping them leaves ${staying} of ${validators} validators; the chain needs ${needed}, ceil(2N/3).${already}`,
    { hint: `${proposal}\nTo halt the chain on purpose, add --halt.` },
  );
}

export interface Stopped {
  readonly cluster: "stopped" | "was stopped already";
}

export interface StopResult {
  readonly plan: StopPlan;
  /** In the order of the regions. */
  readonly outcomes: readonly RegionOutcome<Stopped>[];
  /** The last block, when the chain was halted: every validator of the regions stopped last has it. */
  readonly lastBlock: number | null;
}

/**
 * Stops regions at the same time; as many at a time as `concurrency` says.
 *
 * A stop that halts the chain happens in two steps (regions/power.ts): a small group first, the others when all of them
 * agree on the last block.
 *
 * @throws QuorumError before anything is done, where the chain would halt and `halt` is not given
 */
export async function stopRegions(
  machinery: Machinery,
  regions: readonly OperatedRegion[],
  options: StopOptions,
): Promise<StopResult> {
  const { network } = machinery;
  const { halt = false, pollMs = 1_000 } = options;
  const up = upByRegion(await firstLook(machinery, options));
  const names = regions.map(({ name }) => name);
  const plan = planStop(placementOf(network), up, names);
  if (!halt) refuseHalt(plan);
  const work = (region: OperatedRegion, context: RegionContext) => powerOff(machinery, region, context, pollMs);
  if (!plan.halts || plan.up < plan.needed) {
    return { plan, outcomes: await eachRegion(regions, work, options), lastBlock: null };
  }
  const [first, rest] = haltGroups(placementOf(network), up, names);
  const byName = (wanted: readonly string[]) => regions.filter(({ name }) => wanted.includes(name));
  const firstDone = manyListeners();
  const agreed = agreement(machinery, byName(rest), plan.needed, firstDone.signal, { ...options, pollMs });
  let left = first.length;
  const outcomes = await eachRegion(
    [...byName(first), ...byName(rest)],
    async (region, context) => {
      if (first.includes(region.name)) {
        return work(region, context).finally(() => {
          if (--left === 0) firstDone.abort();
        });
      }
      context.step("waiting for the last block");
      await agreed;
      context.signal.throwIfAborted();
      return work(region, context);
    },
    options,
  );
  firstDone.abort();
  const found = new Map(outcomes.map((outcome) => [outcome.region, outcome]));
  return { plan, outcomes: regions.flatMap(({ name }) => found.get(name) ?? []), lastBlock: await agreed };
}

async function powerOff(
  { clusters }: Machinery,
  region: OperatedRegion,
  { signal, step }: RegionContext,
  pollMs: number,
): Promise<Stopped> {
  const { power } = await settledCluster(clusters, region, { signal, step, pollMs });
  if (power === "stopped") return { cluster: "was stopped already" };
  step("stopping the cluster");
  await clusters.stop(region, signal);
  return { cluster: "stopped" };
}

/** Block periods that the rest may take to agree: without a quorum nothing new comes, only what is on its way. */
const AGREEMENT_PERIODS = 30;

/**
 * Waits until a quorum no longer answers and all validators that stop last have one newest block. That is soon after the
 * first group began to stop: Azure takes minutes more for its nodes.
 *
 * @param firstDone when the first group has stopped or failed; from then on the rest has {@link AGREEMENT_PERIODS}
 * @returns the block's number; null where they did not agree in time, or none answers
 */
async function agreement(
  { network, validators }: Machinery,
  rest: readonly OperatedRegion[],
  needed: number,
  firstDone: AbortSignal,
  { timeoutMs, signal, pollMs }: PowerOptions,
): Promise<number | null> {
  const names = rest.map(({ name }) => name);
  const watched = rest.flatMap((region) => region.validators).length;
  if (watched === 0) return null;
  const ended = limit(timeoutMs, signal);
  const everyone = network.regions.flatMap((region) => region.validators);
  const watch = new FleetWatch(validators, everyone, { intervalMs: pollMs, signal: ended.signal });
  const late = manyListeners();
  const giveUp = () => late.abort(new Error("They did not agree in time."));
  const longest = AGREEMENT_PERIODS * network.blockPeriodSeconds * 1000;
  const wait = () => void pause(longest, late.signal).then(giveUp);
  firstDone.addEventListener("abort", wait, { once: true });
  ended.signal.addEventListener("abort", giveUp, { once: true });
  try {
    const test = (sights: Sights) => (watch.complete ? lastBlockOf(sights, names, watched, needed) : undefined);
    return await watch.until(test, late.signal);
  } catch {
    return null;
  } finally {
    watch.close();
    ended.dispose();
    firstDone.removeEventListener("abort", wait);
    giveUp();
  }
}

function lastBlockOf(sights: Sights, rest: readonly string[], watched: number, needed: number): number | undefined {
  const own = sights.filter(({ region }) => rest.includes(region));
  const [one] = own;
  if (one === undefined || sights.length >= needed || own.length < watched) return undefined;
  return own.every(({ head }) => head.hash === one.head.hash) ? one.head.number : undefined;
}
