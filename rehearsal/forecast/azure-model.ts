import type { ArmRefusal } from "../azure/arm";
import type { Fault } from "../azure/faults";
import { durationMs, type Profile } from "../azure/latency";
import { armLimit, requestLimits } from "../azure/limits";
import { AzureWorld } from "../azure/world";
import type { Graph, Operation } from "./graph";
import type { Limit, OpenEnd, OperationModel, OperationWorld } from "./model";

export interface AzureModelOptions {
  /** Latencies in place of the table's. @default none */
  readonly profile?: Profile;
  /** Trouble that every run meets. @default none */
  readonly faults?: readonly Fault[];
}

/** The providers whose operations take no time on the clock (rehearsal/providers/random.ts). */
const isInstant = (type: string): boolean => type.startsWith("random:");

/**
 * The rehearsal's own Azure: what reaches it is a series of requests in `AzureWorld`, with its limits, locks, quotas,
 * faults and retries; everything else takes what its latency says. Run with the same seed, a rehearsal and a forecast
 * ask the same world the same questions.
 */
export const azureModel = (graph: Graph, { profile, faults = [] }: AzureModelOptions = {}): OperationModel => {
  const { operations } = graph;
  const polls = pollsMatter(operations, faults);
  // The same runs are simulated with many numbers of slots, and hashing is most of the time.
  const ofSeed = new Map<number, Float64Array>();
  const durationsOf = (seed: number): Float64Array => {
    const known = ofSeed.get(seed);
    if (known !== undefined) return known;
    const durations = Float64Array.from(operations, ({ type, urn }) =>
      isInstant(type) ? 0 : durationMs(seed, type, urn, "create", profile),
    );
    ofSeed.set(seed, durations);
    return durations;
  };
  return {
    limits: requestLimits(operations.flatMap(requestsOf)).map(limitOf),
    start: (seed) => new ForecastWorld(operations, durationsOf(seed), new AzureWorld({ seed, faults, polls })),
  };
};

/** Besides its polls a creation reads at most twice, before and after its write. */
const readsBeside = 2;
/** Polls of one operation follow each other after ten seconds (azure/client.ts). */
const pollsPerSecond = 0.1;

/**
 * Whether the polls of long operations can decide anything. Without faults they are reads that succeed, and as long as a
 * region has so few operations that its bucket of reads can never be drained by all of them at once, no other request
 * is let through or turned away because of them. Most of a run's requests are polls.
 */
const pollsMatter = (operations: readonly Operation[], faults: readonly Fault[]): boolean => {
  if (faults.length > 0) return true;
  const { capacity, refillPerSecond } = armLimit("reads");
  const most = Math.min(capacity / (readsBeside + 1), refillPerSecond / pollsPerSecond);
  const byRegion = new Map<string, number>();
  for (const { azure } of operations) {
    if (azure !== undefined) byRegion.set(azure.region, (byRegion.get(azure.region) ?? 0) + 1);
  }
  return [...byRegion.values()].some((count) => count > most);
};

/** The requests that creating a resource takes at least: a look, the write, one poll, and a look at the result. */
const requestsOf = ({ type, azure }: Operation) => {
  if (azure === undefined) return [];
  const { resourceId, region } = azure;
  return (["read", "write", "poll", "read"] as const).map((purpose) => ({ purpose, type, resourceId, region }));
};

const limitOf = ({ name, requests, capacity, refillPerSecond }: ReturnType<typeof requestLimits>[number]): Limit => ({
  name,
  requests,
  capacity,
  boundMs: Math.max(0, Math.floor(((requests - capacity) / refillPerSecond) * 1000)),
});

class ForecastWorld implements OperationWorld {
  /** The operation of each of Azure's ids, which count from 0. */
  private readonly begun: number[] = [];
  private readonly idOf = new Map<number, number>();

  constructor(
    private readonly operations: readonly Operation[],
    private readonly durations: Float64Array,
    private readonly azure: AzureWorld,
  ) {}

  get throttles(): number {
    return this.azure.throttles;
  }

  shortestMs(operation: number): number {
    return this.durations[operation] ?? 0;
  }

  begin(operation: number, nowMs: number): number | undefined {
    const { urn, type, azure } = this.operations[operation] ?? {};
    const takes = this.durations[operation] ?? 0;
    if (urn === undefined || type === undefined || azure === undefined) return takes;
    const id = this.azure.begin({ urn, type, kind: "create", durationMs: takes, ...azure }, nowMs);
    this.begun[id] = operation;
    this.idOf.set(operation, id);
    return undefined;
  }

  nextEnd(limitMs: number): OpenEnd | undefined {
    const end = this.azure.nextEnd(limitMs);
    return end === undefined ? undefined : { operation: this.begun[end.id] ?? -1, endMs: end.atMs };
  }

  complete(operation: number): ArmRefusal | undefined {
    return this.azure.complete(this.idOf.get(operation) ?? -1).error;
  }
}
