import { headAgeLimitSeconds } from "../../besu/head-age";
import { climbSeconds, RESTART_FROM_ROUND } from "../../besu/rounds";
import { limit } from "../abort";
import { eachRegion, type RegionOutcome } from "./each-region";
import { type FleetStatus, roundNow } from "./fleet-status";
import type { OperatedRegion } from "./network";
import type { PowerOptions } from "./start";
import type { Machinery } from "./status";
import { FleetWatch, headOf } from "./watch";

/** What is to be done about a chain, by its status. */
export type Diagnosis =
  /** Blocks come. */
  | { readonly kind: "running" }
  /** Too few validators answer: nothing but more of them helps. */
  | {
      readonly kind: "no quorum";
      readonly answering: number;
      readonly needed: number;
      readonly start: readonly string[];
    }
  /** A quorum answers, and has not been without a block for long: it may come back by itself. */
  | { readonly kind: "wait"; readonly round: number; readonly withinSeconds: number }
  /** A quorum answers, and would take longer to meet than to restart. */
  | { readonly kind: "restart"; readonly round: number; readonly withinSeconds: number };

/**
 * What a status calls for. Round timeouts double without a cap, so validators that lost their quorum for long need as
 * long again once it is back; restarted together they begin at round 0 (besu/rounds.ts).
 */
export function diagnose(
  status: Pick<FleetStatus, "headAgeSeconds" | "quorum" | "regions">,
  timing: { readonly blockPeriodSeconds: number; readonly requestTimeoutSeconds: number },
): Diagnosis {
  const { headAgeSeconds, quorum: needed, regions } = status;
  const answering = regions.reduce((sum, { ready }) => sum + ready, 0);
  if (answering < needed || headAgeSeconds === null) {
    const start = regions.flatMap(({ region, ready, validators }) => (ready < validators ? [region] : []));
    return { kind: "no quorum", answering, needed, start };
  }
  const round = roundNow(headAgeSeconds, timing);
  // Two proposers in a row that are down take a chain to its second round, and are no halt.
  if (round < RESTART_FROM_ROUND) return { kind: "running" };
  const haltSeconds = headAgeSeconds - timing.blockPeriodSeconds;
  const limitSeconds = headAgeLimitSeconds(timing.blockPeriodSeconds, timing.requestTimeoutSeconds);
  if (headAgeSeconds <= limitSeconds) return { kind: "wait", round, withinSeconds: limitSeconds - headAgeSeconds };
  return { kind: "restart", round, withinSeconds: climbSeconds(haltSeconds, timing.requestTimeoutSeconds) };
}

export interface RecoverResult {
  /** By region: whether it was told to restart. */
  readonly outcomes: readonly RegionOutcome<"restarted">[];
  /** The first block after that; null where none came in time. */
  readonly block: number | null;
}

/**
 * Waits for a block that is newer than any.
 *
 * @param act done once the newest block is known
 * @returns its number; null where none came in time
 */
export async function nextBlock(
  { network, validators }: Machinery,
  { pollMs = 1_000, timeoutMs, signal }: PowerOptions,
  act: () => Promise<unknown> = () => Promise.resolve(),
): Promise<number | null> {
  const all = network.regions.flatMap((region) => region.validators);
  const ended = limit(timeoutMs, signal);
  const watch = new FleetWatch(validators, all, { intervalMs: pollMs, signal: ended.signal });
  try {
    await watch.until((sights) => (sights.length > 0 ? true : undefined), ended.signal);
    const before = headOf(watch.sights);
    await act();
    return await watch.until((sights) => (headOf(sights) > before ? headOf(sights) : undefined), ended.signal);
  } catch {
    return null;
  } finally {
    watch.close();
    ended.dispose();
  }
}

/** Restarts the validators of all regions at the same moment, and waits for the next block. */
export async function recoverChain(machinery: Machinery, options: PowerOptions): Promise<RecoverResult> {
  let outcomes: RecoverResult["outcomes"] = [];
  const block = await nextBlock(machinery, options, async () => {
    outcomes = await eachRegion(machinery.network.regions, restartOne(machinery), options);
  });
  return { outcomes, block };
}

/** Restarts the validators of regions at the same moment. A region that fails keeps no other from it. */
export async function restartTogether(
  machinery: Machinery,
  regions: readonly OperatedRegion[],
  signal: AbortSignal,
): Promise<void> {
  await Promise.allSettled(regions.map((region) => machinery.clusters.restartValidators(region, signal)));
}

const restartOne =
  ({ clusters }: Machinery) =>
  async (
    region: OperatedRegion,
    { signal, step }: { readonly signal: AbortSignal; readonly step: (text: string) => void },
  ) => {
    step("restarting its validators");
    await clusters.restartValidators(region, signal);
    return "restarted" as const;
  };
