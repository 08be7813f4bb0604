import { headAgeLimitSeconds } from "../../besu/head-age";
import { type FleetStatus, type RegionStatus, ROUND_CHANGE_LIMIT } from "../regions/fleet-status";

/** What a wave has to bring about. */
export interface Expectation {
  /** Regions that the wave deploys. */
  readonly regions: readonly string[];
  /** Whether a quorum is deployed, so that blocks have to come. */
  readonly blocks: boolean;
  /** The newest block before the wave, which has to be passed; null for none. */
  readonly headBefore: number | null;
  readonly blockPeriodSeconds: number;
  readonly requestTimeoutSeconds: number;
}

/**
 * What keeps a wave from being healthy, in words; empty when it is. What is wrong in other regions is no wave's fault,
 * unless the chain as a whole suffers. Until a quorum is deployed no block can come: then validators ready and peers seen
 * are all that can be asked for.
 */
export function problemsOf(status: FleetStatus, expected: Expectation): string[] {
  const own = status.regions.filter(({ region }) => expected.regions.includes(region));
  return [
    ...own.flatMap(regionProblems),
    ...(status.oneGenesis ? [] : ["the validators do not have one genesis"]),
    ...(status.forks.length === 0 ? [] : [`different blocks at height ${status.forks[0] ?? 0}`]),
    ...(expected.blocks ? chainProblems(status, expected) : []),
  ];
}

function regionProblems({ region, power, provisioning, ready, validators, peers, expectedPeers }: RegionStatus) {
  return [
    ...(power === "running" && provisioning === "Succeeded" ? [] : [`${region}: cluster is ${power}, ${provisioning}`]),
    ...(ready === validators ? [] : [`${region}: ${ready} of ${validators} validators ready`]),
    ...(peers === null || peers >= expectedPeers ? [] : [`${region}: ${peers} of ${expectedPeers} peers`]),
  ];
}

function chainProblems(status: FleetStatus, expected: Expectation): string[] {
  const { ready, quorum, validators, head, headAgeSeconds, roundChanges, window } = status;
  const limit = headAgeLimitSeconds(expected.blockPeriodSeconds, expected.requestTimeoutSeconds);
  const stands = head === null || headAgeSeconds === null || headAgeSeconds > limit;
  return [
    ...(ready < quorum ? [`${ready} of ${validators} validators ready, ${quorum} are needed`] : []),
    ...(stands && head === 0 ? ["no block has come yet"] : []),
    ...(stands && head !== 0 ? [`the newest block is ${headAgeSeconds ?? "unknown"} s old`] : []),
    ...(!stands && head <= (expected.headBefore ?? -1) ? ["no block has come since the wave"] : []),
    ...(roundChanges > window * ROUND_CHANGE_LIMIT ? [`${roundChanges} of ${window} blocks took a round more`] : []),
  ];
}

/**
 * What keeps a wave from being begun: fewer validators would stay ready without its own than the chain needs.
 *
 * @param restarting validators of the wave that live; with none nothing is at stake
 */
export function marginProblems(status: FleetStatus, regions: readonly string[], restarting: number): string[] {
  if (restarting === 0) return [];
  const readyIn = (wanted: boolean) =>
    status.regions
      .filter(({ region }) => regions.includes(region) === wanted)
      .reduce((sum, { ready }) => sum + ready, 0);
  const staying = readyIn(false) + Math.max(0, readyIn(true) - restarting);
  if (staying >= status.quorum) return [];
  return [`the wave restarts ${restarting} validators and leaves ${staying} ready; the chain needs ${status.quorum}`];
}
