import { headAgeLimitSeconds } from "../../besu/head-age";
import { type ParallelCounters, sumCounters } from "../../besu/parallel-counters";
import { roundAfter } from "../../besu/rounds";
import { quorumBudget, type RegionShare } from "../../regions/quorum";
import type { ClusterState, Expiry } from "./clusters";
import type { RegionFailure } from "./failure";
import type { SeenBlock, ValidatorReport } from "./validators";

/** What one region told; a part that could not be had is a failure. */
export interface RegionReport {
  readonly region: string;
  readonly cluster: ClusterState | RegionFailure;
  readonly expiries: readonly Expiry[] | RegionFailure;
  /** By ordinal. */
  readonly validators: readonly (ValidatorReport | RegionFailure)[];
}

export interface Timing {
  readonly blockPeriodSeconds: number;
  readonly requestTimeoutSeconds: number;
}

/** 0, 1 and 2 of the exit code. */
export type Health = "healthy" | "degraded" | "halted";

export interface RegionStatus {
  readonly region: string;
  readonly power: ClusterState["power"] | "unknown";
  readonly provisioning: string;
  readonly pools: ClusterState["pools"];
  readonly ready: number;
  readonly validators: number;
  /** Of the region's best validator. */
  readonly height: number | null;
  /** Blocks behind the fleet's newest. */
  readonly lag: number | null;
  /** The fewest peers that a validator of the region has. */
  readonly peers: number | null;
  /** How many it should have: all others that answer. */
  readonly expectedPeers: number;
  readonly versions: readonly string[];
  /** How its validators execute blocks, counted since each one's start; null where their metrics cannot be read. */
  readonly parallel: ParallelCounters | null;
  /** Share of the newest blocks that the region's validators proposed, 0 to 1; null where they do not tell their accounts. */
  readonly proposed: number | null;
  /** The share that is theirs by their number. */
  readonly due: number;
  /** What ends first in its vaults. */
  readonly expires: { readonly name: string; readonly days: number } | null;
  /** Everything that is not as it should be, in words. */
  readonly problems: readonly string[];
}

export interface FleetStatus {
  readonly schemaVersion: 1;
  readonly health: Health;
  readonly validators: number;
  readonly ready: number;
  readonly quorum: number;
  /** Validators that may still fail before the chain halts, negative when they already have; null unless all were asked. */
  readonly margin: number | null;
  /** The two regions whose failure together costs most, and whether the chain survives it. */
  readonly worstPair: { readonly regions: readonly string[]; readonly survives: boolean } | null;
  readonly head: number | null;
  /** Seconds since the newest block. */
  readonly headAgeSeconds: number | null;
  readonly blocksPerSecond: number | null;
  /** Blocks of the window that took more than one round, and the round that validators without a block must be in. */
  readonly roundChanges: number;
  readonly window: number;
  readonly roundNow: number;
  /** Whether all validators have one genesis. */
  readonly oneGenesis: boolean;
  /** Heights at which two validators have different blocks. */
  readonly forks: readonly number[];
  readonly regions: readonly RegionStatus[];
  /** What concerns all, in words. */
  readonly problems: readonly string[];
}

/** Blocks that a validator may be behind: it learns of a block a round trip after another. */
const LAG_LIMIT = 3;

/** From this share of blocks with more than one round on, rounds are no accident: one proposer in four is away. */
export const ROUND_CHANGE_LIMIT = 0.25;

/** Days before its end at which a certificate or key is a problem. */
const EXPIRY_DAYS = 30;

const DAY_MS = 86_400_000;

/** How many of the newest blocks a status looks at: each validator proposes one in as many blocks as there are. */
export const windowOf = (validators: number): number => Math.max(32, validators);

const isFailure = (value: object): value is RegionFailure => "code" in value && "action" in value;
const answered = (one: ValidatorReport | RegionFailure): one is ValidatorReport => !isFailure(one);

/**
 * Judges what the regions told.
 *
 * @param reports of the regions asked, in the order to keep
 * @param placement of the whole network: quorum is counted over all of it
 * @param nowMs milliseconds of the epoch, for what expires; the age of a block is that at which it was seen
 */
export function judgeFleet(
  reports: readonly RegionReport[],
  placement: readonly RegionShare[],
  timing: Timing,
  nowMs: number,
): FleetStatus {
  const budget = quorumBudget(placement);
  const all = reports.flatMap(({ validators }) => validators.filter(answered));
  const best = all.reduce<ValidatorReport | undefined>(
    (top, one) => (top === undefined || one.head.number > top.head.number ? one : top),
    undefined,
  );
  const head = best?.head;
  const headAgeSeconds =
    best === undefined ? null : Math.max(0, Math.round((best.seenAtMs - best.head.timestampMs) / 1000));
  const old = headAgeSeconds !== null && headAgeSeconds > headAgeLimitSeconds(...timingOf(timing));
  const facts = { head: head?.number ?? null, answering: all.length, blocks: best?.blocks ?? [], nowMs };
  const regions = reports.map((report) => judgeRegion(report, budget.validators, facts));
  const ready = sum(regions.map((region) => region.ready));
  const asked = sum(regions.map(({ validators }) => validators));
  const blocks = best?.blocks ?? [];
  const changed = blocks.filter(({ number, round = 0 }) => number > 0 && round > 0).length;
  const forks = forksOf(all);
  const oneGenesis = new Set(all.map(({ genesisHash }) => genesisHash)).size <= 1;
  const wholeFleet = asked === budget.validators;
  const margin = wholeFleet ? ready - budget.quorum : null;
  const worst = worstPair(regions);
  const problems = [
    ...(all.length === 0 ? ["no validator answers"] : []),
    ...(all.length > 0 && margin !== null && margin < 0
      ? [`${ready} of ${budget.validators} validators ready, ${budget.quorum} are needed`]
      : []),
    ...(margin === 0 ? ["the next validator that fails halts the chain"] : []),
    ...(old ? [`the newest block is ${headAgeSeconds} s old: npx meridian recover`] : []),
    ...(oneGenesis ? [] : ["the validators do not have one genesis"]),
    ...(forks.length === 0 ? [] : [`different blocks at height ${forks[0] ?? 0}`]),
    ...(changed > blocks.length * ROUND_CHANGE_LIMIT
      ? [`${changed} of ${blocks.length} blocks took a round more`]
      : []),
    ...skewOf(all),
  ];
  const halted = all.length === 0 || old || (margin !== null && margin < 0);
  const degraded = problems.length > 0 || regions.some((region) => region.problems.length > 0);
  return {
    schemaVersion: 1,
    health: halted ? "halted" : degraded ? "degraded" : "healthy",
    ...{ validators: budget.validators, ready, quorum: budget.quorum, margin },
    worstPair: margin === null ? null : worst && { regions: worst.regions, survives: margin - worst.ready >= 0 },
    ...{ head: head?.number ?? null, headAgeSeconds, blocksPerSecond: speedOf(blocks) },
    ...{ roundChanges: changed, window: blocks.length },
    roundNow: headAgeSeconds === null ? 0 : roundNow(headAgeSeconds, timing),
    ...{ oneGenesis, forks, regions, problems },
  };
}

/** The exit code that goes with a status. */
export const exitCodeOf = ({ health }: FleetStatus): number => ({ healthy: 0, degraded: 1, halted: 2 })[health];

/** The round in which validators must be by the age of the newest block; 0 within the time that a block may take. */
export const roundNow = (headAgeSeconds: number, { blockPeriodSeconds, requestTimeoutSeconds }: Timing): number =>
  roundAfter(Math.max(0, headAgeSeconds - blockPeriodSeconds), requestTimeoutSeconds);

const timingOf = ({ blockPeriodSeconds, requestTimeoutSeconds }: Timing) =>
  [blockPeriodSeconds, requestTimeoutSeconds] as const;

interface Facts {
  readonly head: number | null;
  readonly answering: number;
  readonly blocks: readonly SeenBlock[];
  readonly nowMs: number;
}

function judgeRegion(
  { region, cluster, expiries, validators }: RegionReport,
  total: number,
  { head, answering, blocks, nowMs }: Facts,
): RegionStatus {
  const seen = validators.filter(answered);
  const state = isFailure(cluster) ? undefined : cluster;
  const lagOf = ({ head: own }: ValidatorReport) => (head ?? own.number) - own.number;
  const isReady = (one: ValidatorReport) => !one.syncing && lagOf(one) <= LAG_LIMIT;
  const height = seen.length === 0 ? null : Math.max(...seen.map((one) => one.head.number));
  const peers = seen.length === 0 ? null : Math.min(...seen.map((one) => one.peers));
  const expectedPeers = Math.max(0, answering - 1);
  const accounts = seen.flatMap(({ address }) => address ?? []);
  const next = isFailure(expiries) ? undefined : [...expiries].sort((a, b) => a.atMs - b.atMs)[0];
  const expires = next === undefined ? null : { name: next.name, days: Math.floor((next.atMs - nowMs) / DAY_MS) };
  const ready = seen.filter(isReady).length;
  const stopped = state?.power === "stopped";
  const problems = [
    ...(isFailure(cluster) ? [`cluster: ${cluster.code}`] : []),
    ...(stopped ? ["stopped"] : []),
    ...(state === undefined || stopped || state.provisioning === "Succeeded"
      ? []
      : [`cluster is ${state.provisioning}`]),
    ...(stopped ? [] : poolProblems(state?.pools ?? [])),
    ...(stopped || seen.length === validators.length
      ? []
      : [`${validators.length - seen.length} of ${validators.length} validators silent`]),
    ...(seen.length > ready ? [`${seen.length - ready} not in sync`] : []),
    ...(peers !== null && peers < expectedPeers ? [`${peers} of ${expectedPeers} peers`] : []),
    ...(isFailure(expiries) ? [`vaults: ${expiries.code}`] : []),
    ...(expires !== null && expires.days < EXPIRY_DAYS ? [describeExpiry(expires)] : []),
  ];
  return {
    ...{ region, power: state?.power ?? "unknown", provisioning: state?.provisioning ?? "unknown" },
    ...{ pools: state?.pools ?? [], ready, validators: validators.length, height, peers, expectedPeers },
    lag: height === null || head === null ? null : Math.max(...seen.map(lagOf)),
    versions: [...new Set(seen.map(({ version }) => version))],
    parallel: sumCounters(seen.flatMap(({ parallel }) => parallel ?? [])) ?? null,
    proposed: seen.length === 0 || accounts.length < seen.length ? null : proposedShare(blocks, accounts),
    due: validators.length / total,
    ...{ expires, problems },
  };
}

const poolProblems = (pools: ClusterState["pools"]): string[] =>
  pools.flatMap(({ name, power, provisioning }) => {
    if (power === "stopped") return [`pool ${name} is stopped`];
    return provisioning === "Succeeded" ? [] : [`pool ${name} is ${provisioning}`];
  });

const describeExpiry = ({ name, days }: { readonly name: string; readonly days: number }): string =>
  days < 0 ? `${name} has expired` : `${name} expires in ${days} days`;

/** The first block has no proposer. */
function proposedShare(blocks: readonly SeenBlock[], accounts: readonly string[]): number {
  const counted = blocks.filter(({ number }) => number > 0);
  if (counted.length === 0) return 0;
  return counted.filter(({ proposer }) => accounts.includes(proposer)).length / counted.length;
}

/** Blocks a second over the window; the genesis' time is no block's. */
function speedOf(blocks: readonly SeenBlock[]): number | null {
  const counted = blocks.filter(({ number }) => number > 0);
  const [newest, oldest] = [counted[0], counted.at(-1)];
  if (newest === undefined || oldest === undefined || newest.timestampMs <= oldest.timestampMs) return null;
  return (newest.number - oldest.number) / ((newest.timestampMs - oldest.timestampMs) / 1000);
}

/** Heights with two blocks, lowest first. */
function forksOf(reports: readonly ValidatorReport[]): number[] {
  const hashes = new Map<number, string>();
  const forks = new Set<number>();
  for (const { number, hash } of reports.flatMap(({ blocks }) => blocks)) {
    const known = hashes.get(number);
    if (known === undefined) hashes.set(number, hash);
    else if (known !== hash) forks.add(number);
  }
  return [...forks].sort((a, b) => a - b);
}

function skewOf(reports: readonly ValidatorReport[]): string[] {
  const versions = [...new Set(reports.map(({ version }) => version.split("/")[1] ?? version))].sort();
  return versions.length > 1 ? [`several versions of Besu: ${versions.join(", ")}`] : [];
}

function worstPair(regions: readonly RegionStatus[]) {
  const [one, two] = [...regions].sort((a, b) => b.ready - a.ready);
  if (one === undefined || two === undefined) return null;
  return { regions: [one.region, two.region], ready: one.ready + two.ready };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
