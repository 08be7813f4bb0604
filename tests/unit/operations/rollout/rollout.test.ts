import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { beginRollout, type BeginOptions, resumeRollout } from "../../../../operations/rollout/begin";
import { placementOf } from "../../../../operations/regions/network";
import { RecordFile, type RolloutRecord } from "../../../../operations/rollout/record";
import { runRollout } from "../../../../operations/rollout/rollout";
import { quickFleet } from "../../../support/rehearsed-azure";
import { fakeWorld, type FakeWorld } from "./fake-target";

const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

const newFile = (): RecordFile => {
  const folder = mkdtempSync(join(tmpdir(), "meridian-rollout-"));
  folders.push(folder);
  return new RecordFile(join(folder, "rollout.json"));
};
const regionsIn = (stack: "dev" | "fleet") => quickFleet(stack).regions.map(({ name }) => name);
const given: BeginOptions = {
  ...{
    stack: "dev",
    configuration: "a",
    soakMs: 60_000,
    onFailure: "stop",
    global: false,
    protect: false,
    image: "besu",
  },
};
const options = { settleMs: 120_000, onStep: () => undefined };
const statesOf = ({ waves }: RolloutRecord) => waves.map(({ state }) => state);
const run = async (world: FakeWorld, change: Partial<BeginOptions> = {}, file = newFile()) => {
  const record = await beginRollout(world.target, { ...given, ...change });
  const steps: string[] = [];
  const end = await runRollout(world.target, file, record, { ...options, onStep: (text) => steps.push(text) });
  return { end, file, steps };
};

describe("a rollout", () => {
  it("deploys a new network wave after wave, and says that no block can come before a quorum", async () => {
    const world = fakeWorld("dev");
    const { end, file, steps } = await run(world, { sizes: [2, 3] });

    expect(statesOf(end)).toEqual(["done", "done", "done"]);
    expect(world.calls.map((call) => call.split(" ").length - 2)).toEqual([2, 3, 0]);
    expect(world.calls.at(-1)).toBe("deploy contracts");
    expect(steps.filter((text) => text.includes("no quorum is deployed yet"))).toHaveLength(1);
    expect(file.read()).toBeUndefined();
  });

  it("stops after a bad wave 1 of 8 regions, and resumes with it when the cause is gone", async () => {
    const world = fakeWorld("fleet");
    const [bad] = (await beginRollout(world.target, { ...given, sizes: [8, 16] })).waves[0]!.steps;
    world.broken.add(bad!.region);
    const { end, file } = await run(world, { sizes: [8, 16] });

    expect(statesOf(end)).toEqual(["failed", "pending", "pending"]);
    expect(end.waves[0]!.steps).toHaveLength(8);
    expect(end.waves[0]!.problems).toEqual([`${bad!.region}: no room. Ask for more.`]);
    expect(world.calls).toHaveLength(1);

    world.broken.clear();
    const placement = placementOf(world.target.machinery.network);
    const again = await runRollout(world.target, file, resumeRollout(file.read()!, "a", placement), options);
    expect(statesOf(again)).toEqual(["done", "done", "done"]);
    expect(world.calls.slice(1).map((call) => call.split(" ")[1])).toEqual(["regions", "regions", "contracts"]);
  });

  it("does not go on from a wave whose validators are not ready, though the engine is content", async () => {
    const world = fakeWorld("dev");
    world.lame.add("northeurope");
    const { end } = await run(world, { canary: "northeurope" });

    expect(statesOf(end)).toEqual(["failed", "pending", "pending"]);
    expect(end.waves[0]!.problems).toEqual(["northeurope: 0 of 1 validators ready"]);
  });

  it("restarts all validators together when a quorum answers in late rounds", async () => {
    const world = fakeWorld("dev");
    world.climbed = true;
    const { end, steps } = await run(world);

    expect(statesOf(end)).toEqual(["done", "done", "done"]);
    expect(world.calls.filter((call) => call.startsWith("restart ")).sort()).toEqual(
      regionsIn("dev")
        .map((name) => `restart ${name}`)
        .sort(),
    );
    expect(steps.join("\n")).toContain("all validators are restarted together");
  });

  it("begins no wave that would leave fewer validators ready than the chain needs", async () => {
    const world = fakeWorld("dev", regionsIn("dev"));
    world.lame.add("eastasia");
    const { end } = await run(world, { canary: "japaneast" });

    expect(world.calls).toEqual([]);
    expect(end.waves[0]!.problems).toEqual(["the wave restarts 1 validators and leaves 3 ready; the chain needs 4"]);
  });

  it("with keep goes on after a failed wave as long as the chain is well, and the record remembers it", async () => {
    const world = fakeWorld("fleet", regionsIn("fleet"));
    world.broken.add("northeurope");
    const { end, file } = await run(world, { onFailure: "keep", canary: "northeurope" });

    expect(statesOf(end)).toEqual(["kept", ...end.waves.slice(1).map(() => "done")]);
    expect(file.read()).toEqual(end);
  });

  it("with keep stops all the same when the chain suffers", async () => {
    const world = fakeWorld("dev", regionsIn("dev"));
    const { target } = world;
    const deploy = target.deploy.bind(target);
    const spoiling = {
      ...target,
      deploy: (wave: Parameters<typeof deploy>[0]) => {
        for (const region of regionsIn("dev").slice(0, 3)) world.lame.add(region);
        return deploy(wave);
      },
    };
    const { end } = await run({ ...world, target: spoiling }, { onFailure: "keep" });

    expect(statesOf(end).slice(0, 2)).toEqual(["failed", "pending"]);
  });

  it("with rollback puts the wave back to the configuration before, and ends", async () => {
    const world = fakeWorld("dev", regionsIn("dev"));
    world.broken.add("japaneast");
    const { end } = await run(world, { onFailure: "rollback", canary: "japaneast" });

    expect(statesOf(end).slice(0, 2)).toEqual(["rolled back", "pending"]);
    expect(world.calls).toEqual(["deploy regions japaneast", "roll back japaneast to meridian:chain"]);
  });

  it.each([
    ["new regions that are protected", [], { onFailure: "rollback", protect: true }, "meridian:protect is true"],
    ["a canary that is none", [], { canary: "uksouth" }, 'The canary "uksouth" has no validators.'],
  ] as const)("refuses %s before anything is done", async (_, living, change, message) => {
    const world = fakeWorld("dev", living);

    await expect(beginRollout(world.target, { ...given, ...change })).rejects.toThrow(message);
    expect(world.calls).toEqual([]);
  });

  it("refuses to remove a validator that the configuration no longer has", async () => {
    const world = fakeWorld("dev", regionsIn("dev"));
    const more = [{ region: "japaneast", ordinal: 1, image: "besu" }];
    const target = { ...world.target, deployed: () => Promise.resolve(more) };

    await expect(beginRollout(target, given)).rejects.toMatchObject({
      message: expect.stringContaining("japaneast-validator-1"),
      hint: expect.stringContaining("voted out first"),
    });
  });

  const fleetOf = (image: string) => {
    const world = fakeWorld("fleet", regionsIn("fleet"));
    const deployed = () => world.target.deployed().then((all) => all.map((one) => ({ ...one, image })));
    return { ...world.target, deployed };
  };

  it("upgrades Besu one validator of a region at a time", async () => {
    const { waves } = await beginRollout(fleetOf("besu:26.8.0"), { ...given, image: "besu:26.8.1" });
    const steps = waves.flatMap((wave) => wave.steps);

    expect(steps).toHaveLength(48);
    expect(steps.filter(({ ordinals }) => ordinals.length !== 1)).toEqual([]);
    expect(Math.max(...waves.map(({ restarting }) => restarting))).toBeLessThanOrEqual(15);
  });

  it("refuses an upgrade to a release that does not understand the one that runs", async () => {
    const begin = beginRollout(fleetOf("besu:25.12.0"), { ...given, image: "besu:26.8.0" });

    await expect(begin).rejects.toThrow("Besu 25.12.0 and 26.8.0 encode consensus messages differently");
  });

  it("ends where it is when it is interrupted, and the wave counts as begun", async () => {
    const world = fakeWorld("dev");
    const controller = new AbortController();
    const target = {
      ...world.target,
      deploy: (wave: Parameters<typeof world.target.deploy>[0]) => {
        controller.abort();
        return world.target.deploy(wave);
      },
    };
    const file = newFile();
    const record = await beginRollout(target, given);
    await runRollout(target, file, record, { ...options, signal: controller.signal });

    expect(statesOf(file.read()!)).toEqual(["running", "pending", "pending"]);
  });
});

describe("the record", () => {
  const begun = async (): Promise<RolloutRecord> => beginRollout(fakeWorld("dev").target, given);
  const placement = quickFleet("dev").regions;

  it("is read as it was written, by its owner alone", async () => {
    const file = newFile();
    const record = await begun();
    file.write(record);
    expect(file.read()).toEqual(record);
  });

  it("is never half of a new one: what a kill leaves beside it is not looked at", async () => {
    const file = newFile();
    const record = await begun();
    file.write(record);
    writeFileSync(`${file.path}.new`, readFileSync(file.path, "utf8").slice(0, 50));
    expect(file.read()).toEqual(record);
  });

  it.each(["", "{", '{"schemaVersion":2}', "[]"])("that holds %j is refused, with what to do", (text) => {
    const file = newFile();
    writeFileSync(file.path, text);
    expect(() => file.read()).toThrow("is no record of a rollout");
  });

  it("does all waves again when the configuration has changed, and only what is left when not", async () => {
    const record = await begun();
    const first = {
      ...record,
      waves: record.waves.map((wave, i) => (i === 0 ? { ...wave, state: "done" as const } : wave)),
    };

    expect(statesOf(resumeRollout(first, "a", placement))).toEqual(["done", "pending", "pending"]);
    expect(statesOf(resumeRollout(first, "b", placement))).toEqual(["pending", "pending", "pending"]);
  });

  it("of other validators than are configured is not gone on with", async () => {
    const record = await begun();
    expect(() => resumeRollout(record, "a", placement.slice(1))).toThrow("has other validators than the configuration");
  });
});
