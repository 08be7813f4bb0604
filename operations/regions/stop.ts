import { MeridianError } from "../../errors";
import { haltGroups, planStop, type StopPlan } from "../../regions/power";
import { limit } from "../abort";
import { eachRegion, type RegionContext, type RegionOutcome } from "./each-region";
import { type OperatedRegion, placementOf } from "./network";
import { settledCluster } from "./settled";
import { firstLook, type PowerOptions } from "./start";
import type { Machinery } from "./status";
import { FleetWatch, type Sights, upByRegion } from "./watch";

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
  const firstRegions = regions.filter(({ name }) => first.includes(name));
  const restRegions = regions.filter(({ name }) => rest.includes(name));
  const before = await eachRegion(firstRegions, work, options);
  const lastBlock = await agreement(machinery, restRegions, { ...options, pollMs });
  const after = await eachRegion(restRegions, work, options);
  const byName = new Map([...before, ...after].map((outcome) => [outcome.region, outcome]));
  return { plan, outcomes: regions.flatMap(({ name }) => byName.get(name) ?? []), lastBlock };
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

/**
 * Waits until all validators that are left have one newest block.
 *
 * @returns its number; null where they did not agree in time, or none answers
 */
async function agreement(
  { network, validators }: Machinery,
  regions: readonly OperatedRegion[],
  { timeoutMs, signal, pollMs }: PowerOptions,
): Promise<number | null> {
  const watched = regions.flatMap((region) => region.validators);
  if (watched.length === 0) return null;
  const longest = AGREEMENT_PERIODS * network.blockPeriodSeconds * 1000;
  const { signal: ended, dispose } = limit(Math.min(timeoutMs, longest), signal);
  const watch = new FleetWatch(validators, watched, { intervalMs: pollMs, signal: ended });
  try {
    return await watch.until(agreed(watched.length), ended);
  } catch {
    return null;
  } finally {
    watch.close();
    dispose();
  }
}

/** Block periods that the rest may take to agree: without a quorum nothing new comes, only what is on its way. */
const AGREEMENT_PERIODS = 30;

const agreed =
  (validators: number) =>
  (sights: Sights): number | undefined => {
    const [first] = sights;
    if (first === undefined || sights.length < validators) return undefined;
    return sights.every(({ head }) => head.hash === first.head.hash) ? first.head.number : undefined;
  };
