import type { Clusters, ClusterState } from "../../../../operations/regions/clusters";
import { operatedNetwork } from "../../../../operations/regions/network";
import type { Machinery } from "../../../../operations/regions/status";
import type { Validators } from "../../../../operations/regions/validators";
import { type RolloutWave, regionsOf } from "../../../../operations/rollout/record";
import type { DeployedValidator, RolloutTarget, WaveRun } from "../../../../operations/rollout/target";
import { quorum } from "../../../../regions/quorum";
import { quickFleet } from "../../../support/rehearsed-azure";

export interface FakeWorld {
  readonly target: RolloutTarget;
  /** Everything that was done, in order. */
  readonly calls: string[];
  /** Regions whose engine fails; a call with the wave's regions takes them out again. */
  readonly broken: Set<string>;
  /** Regions whose validators are never ready. */
  readonly lame: Set<string>;
  /** Validators that have stuck in a late round since they waited for a quorum. */
  climbed: boolean;
}

/** A network in memory: a wave makes its regions live at once, and blocks come while a quorum is up. */
export function fakeWorld(stack: "dev" | "fleet", living: readonly string[] = []): FakeWorld {
  const network = operatedNetwork(quickFleet(stack), stack);
  const up = new Set(living);
  const calls: string[] = [];
  const [broken, lame] = [new Set<string>(), new Set<string>()];
  const needed = quorum(network.regions.flatMap(({ validators }) => validators).length);
  let time = 1_000_000;
  let head = living.length > 0 ? 100 : 0;
  let headMs = time;
  const count = () => network.regions.filter(({ name }) => up.has(name)).flatMap((region) => region.validators).length;
  const pass = (ms: number): void => {
    time += ms;
    const sick = network.regions
      .filter(({ name }) => up.has(name) && lame.has(name))
      .flatMap((r) => r.validators).length;
    if (count() - sick < needed || world.climbed) return;
    head += 10;
    headMs = time;
  };
  const running: ClusterState = { power: "running", provisioning: "Succeeded", kubernetesVersion: "1.34", pools: [] };
  const clusters: Clusters = {
    get: ({ name }) => (up.has(name) ? Promise.resolve(running) : Promise.reject(new Error("not there"))),
    expiries: () => Promise.resolve([]),
    start: () => Promise.resolve(),
    stop: () => Promise.resolve(),
    startPool: () => Promise.resolve(),
    restartValidators: ({ name }) => {
      calls.push(`restart ${name}`);
      world.climbed = false;
      return Promise.resolve();
    },
  };
  const validators: Validators = {
    look: () => Promise.reject(new Error("not asked")),
    report: ({ region, ordinal }) => {
      if (!up.has(region)) return Promise.reject(new Error("refused"));
      const blocks = [{ number: head, hash: `0x${head}`, timestampMs: headMs, proposer: "0x", round: 0 }];
      const sight = { head: blocks[0]!, seenAtMs: time, syncing: lame.has(region), peers: count() - 1 };
      return Promise.resolve({
        ...{ region, ordinal, ...sight, blocks, version: "besu/v26.8.0", genesisHash: "0x1", address: undefined },
        parallel: undefined,
      });
    },
  };
  const machinery: Machinery = { network, clusters, validators, now: () => time };
  const outcome = (failed: readonly string[]): WaveRun => ({
    succeeded: failed.length === 0,
    failures: failed.map((where) => ({ where, what: "no room.", action: "Ask for more." })),
  });
  const target: RolloutTarget = {
    machinery,
    deployed: () =>
      Promise.resolve(
        network.regions
          .filter(({ name }) => up.has(name))
          .flatMap(({ validators: own }) =>
            own.map(({ region, ordinal }): DeployedValidator => ({ region, ordinal, image: "besu" })),
          ),
      ),
    previous: () => Promise.resolve(living.length > 0 ? { "meridian:chain": "{}" } : undefined),
    deploy: (wave: RolloutWave) => {
      calls.push(`deploy ${wave.kind} ${regionsOf(wave).join(" ")}`.trim());
      const failed = regionsOf(wave).filter((region) => broken.has(region));
      for (const region of regionsOf(wave)) if (!failed.includes(region)) up.add(region);
      pass(300_000);
      return Promise.resolve(outcome(failed));
    },
    rollBack: (wave, previous) => {
      calls.push(`roll back ${regionsOf(wave).join(" ")} to ${Object.keys(previous).join()}`);
      return Promise.resolve(outcome([]));
    },
    wait: (ms) => {
      pass(ms);
      return Promise.resolve();
    },
  };
  const world: FakeWorld = { target, calls, broken, lame, climbed: false };
  return world;
}
