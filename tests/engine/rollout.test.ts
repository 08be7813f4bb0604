import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { parse, stringify } from "yaml";

import { parseFleet, readSettings } from "../../fleet";
import { placementOf } from "../../operations/regions/network";
import { beginRollout, resumeRollout } from "../../operations/rollout/begin";
import { type OnFailure, RecordFile, type RolloutRecord } from "../../operations/rollout/record";
import { runRollout } from "../../operations/rollout/rollout";
import { parseTroubles } from "../../rehearsal/arm/trouble";
import { parseFault } from "../../rehearsal/azure/faults";
import { RehearsedNetwork } from "../../rehearsal/rollout-network";
import { rehearsedTarget } from "../../rehearsal/rollout-target";
import { projectRoot } from "../../toolchain/paths";
import { closeRehearsals, openRehearsal } from "./support/engine";

jest.setTimeout(600_000);

const folder = mkdtempSync(join(tmpdir(), "meridian-rollout-"));
const networks: RehearsedNetwork[] = [];
afterEach(async () => {
  for (const network of networks.splice(0)) await network.close();
  closeRehearsals();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const file = new RecordFile(join(folder, "rollout.json"));
const statesOf = ({ waves }: RolloutRecord) => waves.map(({ state }) => state);

/** Regions of the fleet, so many that a wave of 8 is no quorum. */
const REGIONS = 13;

/** The fleet's first regions with a validator in each, without chains, and with these settings. */
async function open(change: object, trouble: { readonly fault?: string; readonly trouble?: string } = {}) {
  const settings = parse(readFileSync(join(projectRoot, "Pulumi.fleet.yaml"), "utf8")) as {
    config: Record<string, unknown>;
  };
  const regions = (settings.config["meridian:regions"] as { name: string }[]).slice(0, REGIONS);
  Object.assign(settings.config, change, {
    "meridian:regions": regions.map(({ name }) => ({ name, validators: 1 })),
    "meridian:contracts": { ...(settings.config["meridian:contracts"] as object), chains: {} },
    "meridian:protect": false,
  });
  const configuration = join(folder, "changed.yaml");
  writeFileSync(configuration, stringify(settings));
  const fleet = parseFleet(readSettings(settings.config));
  const rehearsal = await openRehearsal({ program: projectRoot, stack: "fleet", folder, configuration });
  const names = regions.map(({ name }) => name);
  const troubles = parseTroubles(trouble.trouble === undefined ? [] : [trouble.trouble], names);
  const network = await RehearsedNetwork.open({ cloud: rehearsal.cloud, fleet, stack: "fleet", troubles });
  networks.push(network);
  const steps: string[] = [];
  const target = rehearsedTarget(rehearsal, network, {
    ...{ parallel: 64, attempts: 1, seed: 1, checkpoints: false, onStep: (text) => steps.push(text) },
    ...(trouble.fault !== undefined && { faults: [parseFault(trouble.fault)] }),
  });
  const text = JSON.stringify(settings.config);
  const run = (record: RolloutRecord) =>
    runRollout(target, file, record, {
      ...{ settleMs: 180_000, pollMs: 30_000, lookMs: 10_000, onStep: (step) => steps.push(step) },
    });
  const begin = (onFailure: OnFailure, more: { readonly sizes?: readonly number[]; readonly canary?: string }) =>
    beginRollout(target, {
      ...{ stack: "fleet", configuration: text, soakMs: 60_000, onFailure, global: false, protect: false },
      image: fleet.chain.besuImage,
      ...more,
    });
  const resume = (record: RolloutRecord) => resumeRollout(record, text, placementOf(target.machinery.network));
  return { target, steps, run, begin, resume };
}

const imagesOf = async (target: ReturnType<typeof rehearsedTarget>, region: string) =>
  (await target.deployed()).filter((one) => one.region === region).map(({ image }) => image);

describe("a rollout of 13 regions through the real engine", () => {
  test("stops after a bad wave 1 of 8 regions", async () => {
    const { begin, run, target } = await open({}, { fault: "capacity@israelcentral:cluster" });
    const end = await run(await begin("stop", { sizes: [8, 5], canary: "israelcentral" }));

    expect(statesOf(end)).toEqual(["failed", "pending", "pending"]);
    expect(end.waves[0]!.problems.join()).toMatch(/^israelcentral: israelcentral-cluster-(aks|validators): /);
    const up = new Set((await target.deployed()).map(({ region }) => region));
    expect([up.size, up.has("israelcentral")]).toEqual([7, false]);
  });

  test("resumes with that wave when there is room, and brings blocks in the next", async () => {
    const { resume, run, target, steps } = await open({});
    const end = await run(resume(file.read()!));

    expect(statesOf(end)).toEqual(["done", "done", "done"]);
    expect(await target.deployed()).toHaveLength(REGIONS);
    const told = steps.join("\n");
    expect(told).toContain("no quorum is deployed yet, so no block can come");
    expect(told).toContain("its rounds have climbed: all validators are restarted together");
    expect(told).toMatch(/still healthy at block \d+/);
    expect(file.read()).toBeUndefined();
  });

  test("rolls an upgrade back whose first wave falls behind, and touches no other region", async () => {
    const before = "hyperledger/besu:26.8.0";
    const change = { "meridian:chain": { besuImage: "hyperledger/besu:26.8.1" } };
    const { begin, run, target } = await open(change, { trouble: "lag@israelcentral" });
    const end = await run(await begin("rollback", { canary: "israelcentral" }));

    expect(statesOf(end).slice(0, 2)).toEqual(["rolled back", "pending"]);
    expect(end.waves[0]!.problems).toEqual(["israelcentral: 0 of 1 validators ready"]);
    expect(await imagesOf(target, "israelcentral")).toEqual([before]);
    expect(await imagesOf(target, "uksouth")).toEqual([before]);
  });
});
