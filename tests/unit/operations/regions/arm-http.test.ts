import { diagnose, recoverChain } from "../../../../operations/regions/recover";
import type { RegionEvent } from "../../../../operations/regions/each-region";
import { exitCodeOf } from "../../../../operations/regions/fleet-status";
import { startRegions } from "../../../../operations/regions/start";
import { fleetStatus } from "../../../../operations/regions/status";
import { QuorumError, stopRegions } from "../../../../operations/regions/stop";
import { Cloud } from "../../../../rehearsal/azure/cloud";
import { type RehearsedAzure, rehearsedAzure } from "../../../support/rehearsed-azure";

jest.setTimeout(120_000);

/** The SDK's own client, over HTTP, against the rehearsed Azure. */
const open: RehearsedAzure[] = [];
const azure = async (...args: Parameters<typeof rehearsedAzure>) => {
  const opened = await rehearsedAzure(...args);
  open.push(opened);
  return opened;
};
afterEach(async () => {
  await Promise.all(open.splice(0).map(({ server }) => server.close()));
});

const limits = { timeoutMs: 20_000, pollMs: 10 };
const powersOf = (cloud: Cloud) =>
  cloud
    .below("/subscriptions/")
    .filter(({ type }) => type.endsWith(":ManagedCluster"))
    .map(({ outputs }) => (outputs.powerState as { code: string }).code);

describe("five regions", () => {
  it("are healthy, with everything that a status shows", async () => {
    const { machinery } = await azure("dev");
    const { status, errors } = await fleetStatus(machinery, machinery.network.regions, limits);

    expect(errors).toEqual([]);
    expect(status).toMatchObject({ health: "healthy", ready: 5, quorum: 4, margin: 1, forks: [], oneGenesis: true });
    expect(status.regions).toHaveLength(5);
    expect(status.regions[2]).toMatchObject({
      region: "japaneast",
      power: "running",
      provisioning: "Succeeded",
      ready: 1,
      peers: 4,
      versions: ["besu/v26.8.0/rehearsed"],
      expires: null,
      problems: [],
    });
    expect(status.regions.map(({ pools }) => pools.map(({ name }) => name))).toEqual(
      Array(5).fill(["system", "validators"]),
    );
    for (const { parallel } of status.regions) {
      expect(parallel).toMatchObject({ on: true });
      expect(parallel?.parallelized).toBe(4 * (parallel?.conflicted ?? 0));
    }
    const shares = status.regions.map(({ proposed }) => proposed ?? 0);
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1);
    expect(exitCodeOf(status)).toBe(0);
  });

  it("are healthy without metrics as well: nobody has to let a status read them", async () => {
    const { machinery } = await azure("dev");
    const closed = machinery.network.regions.map((region) => ({
      ...region,
      validators: region.validators.map((one) => ({ ...one, metricsUrl: `${one.url}/nowhere` })),
    }));
    const { status, errors } = await fleetStatus(machinery, closed, limits);

    expect([status.health, errors]).toEqual(["healthy", []]);
    expect(status.regions.map(({ parallel }) => parallel)).toEqual([null, null, null, null, null]);
  });

  it("stop one by one as long as a quorum stays, and start again", async () => {
    const { machinery, server, cloud } = await azure("dev");
    const [first, second] = machinery.network.regions as [never, never];
    const stopped = await stopRegions(machinery, [first], limits);

    expect(stopped.outcomes).toMatchObject([{ done: true, value: { cluster: "stopped" } }]);
    await expect(stopRegions(machinery, [second], limits)).rejects.toThrow(QuorumError);
    expect(powersOf(cloud).sort()).toEqual(["Running", "Running", "Running", "Running", "Stopped"]);
    expect(server.chain.up(Date.now())).toBe(4);

    const degraded = await fleetStatus(machinery, machinery.network.regions, limits);
    expect([exitCodeOf(degraded.status), degraded.status.margin, degraded.errors]).toEqual([1, 0, []]);

    const { outcomes } = await startRegions(machinery, [first], limits);
    expect(outcomes).toMatchObject([{ done: true, value: { cluster: "started", ready: 1, blocks: true } }]);
    expect(powersOf(cloud)).toEqual(Array(5).fill("Running"));
  });

  it("halt in two steps with one last block, and come back with blocks", async () => {
    const { machinery, server, cloud } = await azure("dev");
    const all = machinery.network.regions;
    const { outcomes, lastBlock, plan } = await stopRegions(machinery, all, { ...limits, halt: true });

    expect(plan).toMatchObject({ staying: 0, needed: 4, halts: true, mayStop: ["northeurope"] });
    expect(outcomes.map(({ region, done }) => [region, done])).toEqual(all.map(({ name }) => [name, true]));
    expect(powersOf(cloud)).toEqual(Array(5).fill("Stopped"));
    expect(lastBlock).toBe(server.chain.head(Date.now()).number);
    const down = await fleetStatus(machinery, all, limits);
    expect([exitCodeOf(down.status), down.status.head]).toEqual([2, null]);

    const started = await startRegions(machinery, all, limits);
    expect(started.outcomes.every(({ done }) => done)).toBe(true);
    expect(server.chain.head(Date.now()).number).toBeGreaterThan(lastBlock ?? Infinity);
  });

  it("recover by a restart of all validators together, through a command in each cluster", async () => {
    const { machinery, server } = await azure("dev");
    const { chain } = server;
    const two = [...new Set(Array.from({ length: 10 }, (_, i) => chain.at(i + 1, Date.now())!.proposer))].slice(0, 2);
    const now = Date.now();
    // A halt of a minute of which only the return is left: alone the chain would take two more.
    for (const one of two) chain.set(one, Infinity, now);
    chain.set(two[0]!, now + 60_000, now);
    const { block, outcomes } = await recoverChain(machinery, limits);

    expect(outcomes.every(({ done }) => done)).toBe(true);
    expect(block).toBeGreaterThan(chain.at(1, now)!.number);
    expect(chain.up(Date.now())).toBe(5);
  });

  it("start a pool that was stopped by itself, and wait for what Azure was doing already", async () => {
    const { machinery, cloud } = await azure("dev");
    const [region] = machinery.network.regions;
    const pool = cloud
      .below("/subscriptions/")
      .find(({ id }) => id.includes("northeurope") && id.endsWith("/validators"))!;
    cloud.put({ ...pool, outputs: { ...pool.outputs, powerState: { code: "Stopped" } } });
    const steps: string[] = [];
    const busy = machinery.clusters.stop(region!, AbortSignal.timeout(20_000));
    await new Promise((go) => setImmediate(go));
    const onEvent = (event: { kind: string; text?: string }) => event.kind === "step" && steps.push(event.text!);
    const { outcomes } = await startRegions(machinery, [region!], { ...limits, onEvent });
    await busy.catch(() => undefined);

    expect(outcomes).toMatchObject([{ done: true }]);
    expect(steps).toContain("starting the pool validators");
    expect(cloud.get(pool.id)?.outputs.powerState).toEqual({ code: "Running" });
  });
});

describe("24 regions", () => {
  it("of which one fails and one hangs: the others are unaffected, and what to do is said", async () => {
    const { machinery, cloud } = await azure("fleet", { trouble: ["fail@uksouth", "hang@eastasia"] });
    const names = ["northeurope", "uksouth", "eastasia", "japaneast"];
    const regions = machinery.network.regions.filter(({ name }) => names.includes(name));
    // Ctrl-C once all others have ended, however long that takes here.
    const interrupt = new AbortController();
    const ended = new Set<string>();
    const onEvent = ({ region, kind }: RegionEvent) => {
      if (kind === "done" || kind === "failed") ended.add(region);
      if (ended.size === 3) interrupt.abort();
    };
    const { outcomes } = await stopRegions(machinery, regions, { ...limits, onEvent, signal: interrupt.signal });

    expect(outcomes.map((outcome) => [outcome.region, outcome.done ? "done" : outcome.failure.code])).toEqual([
      ["northeurope", "done"],
      ["uksouth", "InternalServerError"],
      ["eastasia", "Interrupted"],
      ["japaneast", "done"],
    ]);
    expect(powersOf(cloud).filter((code) => code === "Stopped")).toHaveLength(2);

    const { status, errors } = await fleetStatus(machinery, machinery.network.regions, { timeoutMs: 8_000 });
    expect(status.regions.map(({ region }) => region)).toEqual(machinery.network.regions.map(({ name }) => name));
    // Azure does not answer for eastasia; its validators do.
    expect(status.regions.find(({ region }) => region === "eastasia")).toMatchObject({ power: "unknown", ready: 2 });
    expect(new Set(errors.map(({ region, code }) => `${region} ${code}`))).toEqual(new Set(["eastasia Timeout"]));
    expect([status.ready, exitCodeOf(status)]).toEqual([44, 1]);
  });

  it("may stop eight at a time and no more: 32 of 48 validators must stay", async () => {
    const { machinery, cloud } = await azure("fleet");
    const { regions } = machinery.network;

    await expect(stopRegions(machinery, regions.slice(0, 9), limits)).rejects.toMatchObject({
      message: expect.stringContaining("leaves 30 of 48 validators; the chain needs 32"),
      hint: expect.stringContaining(
        `stop ${regions
          .slice(0, 8)
          .map(({ name }) => name)
          .join(" ")}\n`,
      ),
    });
    expect(powersOf(cloud)).toEqual(Array(24).fill("Running"));
    const { outcomes, lastBlock } = await stopRegions(machinery, regions.slice(0, 8), limits);
    expect([outcomes.filter(({ done }) => done).length, lastBlock]).toEqual([8, null]);
    expect(diagnose((await fleetStatus(machinery, regions, limits)).status, machinery.network)).toEqual({
      kind: "running",
    });
  });
});
