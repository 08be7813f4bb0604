import type { Clusters, ClusterState } from "../../../../operations/regions/clusters";
import { chooseRegions, operatedNetwork, type OperatedRegion } from "../../../../operations/regions/network";
import { startRegions } from "../../../../operations/regions/start";
import type { Machinery } from "../../../../operations/regions/status";
import { stopPlan, stopRegions } from "../../../../operations/regions/stop";
import type { Validators } from "../../../../operations/regions/validators";
import { quickFleet } from "../../../support/rehearsed-azure";

const network = operatedNetwork(quickFleet("dev"), "dev");

/** Clusters and validators of one fake world; a block at each look while at least four validators are up. */
function world(down: readonly string[] = [], change: Partial<Clusters> = {}) {
  const power = new Map(network.regions.map(({ name }) => [name, !down.includes(name)]));
  const calls: string[] = [];
  let head = 10;
  let blocked = false;
  const state = (name: string): ClusterState => ({
    power: power.get(name) === true ? "running" : "stopped",
    ...{ provisioning: "Succeeded", kubernetesVersion: "1.34", pools: [] },
  });
  const set = (verb: string, on: boolean) => (region: OperatedRegion) => {
    calls.push(`${verb} ${region.name}`);
    power.set(region.name, on);
    return Promise.resolve();
  };
  const clusters: Clusters = {
    get: ({ name }) => Promise.resolve(state(name)),
    expiries: () => Promise.resolve([]),
    start: set("start", true),
    stop: set("stop", false),
    startPool: () => Promise.resolve(),
    restartValidators: (region) => {
      calls.push(`restart ${region.name}`);
      blocked = false;
      return Promise.resolve();
    },
    ...change,
  };
  const up = () => [...power.values()].filter(Boolean).length;
  const validators: Pick<Validators, "look"> = {
    look: ({ region, ordinal }) => {
      if (power.get(region) !== true) return Promise.reject(new Error("refused"));
      if (up() >= 4 && !blocked) head += 1;
      const block = { number: head, hash: `0x${head}`, timestampMs: 0, proposer: "0x", round: 0 };
      return Promise.resolve({ region, ordinal, head: block, seenAtMs: 0, syncing: false, peers: up() - 1 });
    },
  };
  let time = 0;
  const machinery: Machinery = {
    ...{ network, clusters, now: () => (time += 10_000) },
    validators: { ...validators, report: () => Promise.reject(new Error("not asked")) },
  };
  return { machinery, calls, block: () => (blocked = true) };
}
const limits = { timeoutMs: 60_000, pollMs: 1 };
const all = network.regions;

describe("chooseRegions", () => {
  it("takes all, none and names, in the configured order", () => {
    const names = (given: readonly string[]) => chooseRegions(network, given).map(({ name }) => name);

    expect(names([])).toEqual(names(["all"]));
    expect(names(["eastasia", "northeurope", "eastasia"])).toEqual(["northeurope", "eastasia"]);
  });

  it("refuses a region that the stack does not have, with what it may mean", () => {
    expect(() => chooseRegions(network, ["japanest"])).toThrow(
      'The stack dev has no region "japanest". Did you mean "japaneast"? Allowed: all, or of northeurope,',
    );
  });
});

describe("stopRegions", () => {
  it("refuses before anything is stopped", async () => {
    const { machinery, calls } = world();

    await expect(stopRegions(machinery, all.slice(0, 2), limits)).rejects.toMatchObject({
      message: "Stopping them leaves 3 of 5 validators; the chain needs 4, ceil(2N/3).",
      hint: expect.stringContaining("npx meridian stop northeurope\n"),
      exitCode: 2,
    });
    expect(calls).toEqual([]);
  });

  it("counts a validator that does not answer as gone", async () => {
    const { machinery } = world(["eastasia"]);

    expect(await stopPlan(machinery, all.slice(0, 1), limits)).toMatchObject({ up: 4, staying: 3, halts: true });
  });

  it("stops what halts the chain first, and the rest when they agree on the last block", async () => {
    const { machinery, calls } = world();
    const { lastBlock, outcomes } = await stopRegions(machinery, all, { ...limits, halt: true });

    expect(calls.slice(0, 2).sort()).toEqual(["stop brazilsouth", "stop northeurope"]);
    expect(calls).toHaveLength(5);
    expect(lastBlock).toBeGreaterThan(10);
    expect(outcomes.map(({ region }) => region)).toEqual(all.map(({ name }) => name));
  });
});

describe("startRegions", () => {
  it("starts one region at a time without waiting for a quorum that only the next ones bring", async () => {
    const { machinery, calls } = world(all.map(({ name }) => name));
    const { outcomes } = await startRegions(machinery, all, { ...limits, concurrency: 1 });

    expect(calls.filter((call) => call.startsWith("start"))).toEqual(all.map(({ name }) => `start ${name}`));
    expect(outcomes.every((outcome) => outcome.done && outcome.value.blocks)).toBe(true);
  });

  it("restarts all validators together when the quorum comes back late and no block with it", async () => {
    const { machinery, calls, block } = world(["northeurope", "eastasia"]);
    block();
    const { restarted } = await startRegions(machinery, [all[0]!, all[4]!], limits);

    expect(restarted).toBe(true);
    expect(calls.filter((call) => call.startsWith("restart")).length).toBeGreaterThanOrEqual(4);
  });

  it("does not wait for blocks where too few regions will run", async () => {
    const { machinery } = world(all.map(({ name }) => name));
    const { outcomes, restarted } = await startRegions(machinery, all.slice(0, 2), limits);

    expect(outcomes.map((outcome) => outcome.done && outcome.value)).toEqual(
      Array(2).fill({ cluster: "started", ready: 1, blocks: false }),
    );
    expect(restarted).toBe(false);
  });

  it("leaves alone what runs, and tells of the region that Azure does not start", async () => {
    const refused = Object.assign(new Error("no capacity"), { code: "AksCapacityHeavyUsage", statusCode: 409 });
    const { machinery, calls } = world(["eastasia"], { start: () => Promise.reject(refused) });
    const { outcomes } = await startRegions(machinery, all, limits);

    expect(calls).toEqual([]);
    expect(outcomes.map(({ done }) => done)).toEqual([true, true, true, true, false]);
    expect(outcomes[4]).toMatchObject({ failure: { code: "AksCapacityHeavyUsage", message: "no capacity" } });
  });
});
