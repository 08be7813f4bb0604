import type { Clusters } from "./clusters";
import { eachRegion, Ended, type RegionContext, type RegionEvent, within } from "./each-region";
import { failureFrom, type RegionFailure } from "./failure";
import { type FleetStatus, judgeFleet, type RegionReport, windowOf } from "./fleet-status";
import { type OperatedNetwork, type OperatedRegion, placementOf } from "./network";
import type { Validators } from "./validators";

/** Everything that the operations act through. */
export interface Machinery {
  readonly network: OperatedNetwork;
  readonly clusters: Clusters;
  readonly validators: Validators;
  /** Milliseconds of the epoch. @default Date.now */
  readonly now?: () => number;
}

/** How a command goes about it. */
export interface RunOptions {
  readonly concurrency?: number;
  /** For each region, in milliseconds. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: RegionEvent) => void;
}

/** A status, and what went wrong while asking. */
export interface StatusResult {
  readonly status: FleetStatus;
  /** By region, in their order; a region may have several. */
  readonly errors: readonly ({ readonly region: string } & RegionFailure)[];
}

/**
 * Asks every region at once for its cluster, vaults and validators, and judges the answers. What does not answer is part
 * of the status; nothing of it is thrown. Reads only.
 */
export async function fleetStatus(
  { network, clusters, validators, now = Date.now }: Machinery,
  regions: readonly OperatedRegion[],
  options: RunOptions,
): Promise<StatusResult> {
  const window = windowOf(placementOf(network).reduce((sum, region) => sum + region.validators, 0));
  const outcomes = await eachRegion(
    regions,
    (region, context) => reportRegion({ clusters, validators }, region, window, context, options.timeoutMs),
    // A part that hangs is cut off inside; the region's own timeout is behind that, for whatever heeds no signal.
    { ...options, timeoutMs: options.timeoutMs + 1_000 },
  );
  const reports = outcomes.map((outcome, i): RegionReport => {
    if (outcome.done) return outcome.value;
    const { failure, region } = outcome;
    const silent = (regions[i]?.validators ?? []).map(() => failure);
    return { region, cluster: failure, expiries: [], validators: silent };
  });
  return { status: judgeFleet(reports, placementOf(network), network, now()), errors: errorsOf(reports) };
}

/** Each part by itself: what one of them lacks, the others still tell. */
async function reportRegion(
  { clusters, validators }: Pick<Machinery, "clusters" | "validators">,
  region: OperatedRegion,
  window: number,
  { signal }: RegionContext,
  timeoutMs: number,
): Promise<RegionReport> {
  const part = async <T>(ask: (inner: AbortSignal) => Promise<T>): Promise<T | RegionFailure> => {
    try {
      return await within(timeoutMs, signal, ask);
    } catch (error) {
      return error instanceof Ended ? error.failure : failureFrom(error);
    }
  };
  const [cluster, expiries, reports] = await Promise.all([
    part((inner) => clusters.get(region, inner)),
    part((inner) => clusters.expiries(region, inner)),
    Promise.all(region.validators.map((one) => part((inner) => validators.report(one, window, inner)))),
  ]);
  return { region: region.name, cluster, expiries, validators: reports };
}

function errorsOf(reports: readonly RegionReport[]) {
  return reports.flatMap(({ region, cluster, expiries, validators }) => {
    const stopped = "power" in cluster && cluster.power === "stopped";
    const parts = [cluster, expiries, ...(stopped ? [] : validators)];
    const failures = parts.flatMap((part) => ("action" in part ? [part] : []));
    const once = new Map(failures.map((failure) => [`${failure.code}/${failure.message}`, failure]));
    return [...once.values()].map((failure) => ({ region, ...failure }));
  });
}
