import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { stringify, parse } from "yaml";

import { subscriptionId } from "../../rehearsal/azure/cloud";
import type { Rehearsal, RunResult } from "../../rehearsal/rehearsal";
import { destroyRehearsal, rehearse, type RehearseOptions } from "../../rehearsal/rehearse";
import { projectRoot } from "../../toolchain/paths";
import { ensurePulumi } from "../../toolchain/pulumi";
import { closeRehearsals, nameOf, openRehearsal } from "./support/engine";

jest.setTimeout(180_000);

const folders: string[] = [];
const newFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "meridian-dev-"));
  folders.push(folder);
  return folder;
};
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));
afterEach(closeRehearsals);

const regions = ["northeurope", "brazilsouth", "japaneast", "southeastasia", "eastasia"];
const namesOf = ({ trace }: RunResult): string[] => trace.map(({ urn }) => nameOf(urn));
const errorsOf = ({ diagnostics }: RunResult): string[] =>
  diagnostics.filter(({ severity }) => severity === "error").map(({ message }) => message);

/** The dev stack without chains: for what concerns regions alone. */
const openDev = (
  folder: string,
  change: (config: Record<string, any>) => void = () => undefined,
): Promise<Rehearsal> => {
  const settings = parse(readFileSync(join(projectRoot, "Pulumi.dev.yaml"), "utf8")) as { config: Record<string, any> };
  change(settings.config);
  const configuration = join(folder, "changed.yaml");
  writeFileSync(configuration, stringify(settings));
  return openRehearsal({ program: projectRoot, stack: "dev", folder, configuration });
};
const regionTargets = (...names: string[]): string[] => [...names.map((name) => `**::${name}-*`), "**::global-*"];
const allRegions = regionTargets(...regions);

describe("npm start, twice, and npm run destroy", () => {
  const folder = newFolder();
  const run = async (given: Partial<RehearseOptions> = {}) =>
    rehearse({ folder, pulumi: (await ensurePulumi()).pulumi.path, ...given });
  const journal = (): string[] => {
    const journals = join(folder, "journal");
    return readdirSync(journals).map((file) => readFileSync(join(journals, file), "utf8"));
  };
  let sent: string[];

  test("deploys five regions, five validators and sixteen verified contracts", async () => {
    const summary = await run();
    expect(summary).toMatchObject({ succeeded: true, errors: [], virtualTimeIsExact: true, regions });
    expect(summary.validators.map(({ name }) => name)).toEqual(regions.map((region) => `${region}-validator-0`));
    expect(new Set(summary.validators.map(({ address }) => address)).size).toBe(5);
    const verified = summary.contracts.map(({ chain, verification }) => `${chain} ${verification}`);
    expect(verified.filter((line) => line === "chain138 perfect")).toHaveLength(9);
    expect(verified.filter((line) => line === "chain1 perfect")).toHaveLength(7);
    expect(summary.virtualSeconds).toBeGreaterThan(0);
    expect(summary.oneAtATimeSeconds).toBeGreaterThan(summary.virtualSeconds);
    const onPath = summary.criticalPath.reduce((sum, { seconds }) => sum + seconds, 0);
    expect(onPath).toBeCloseTo(summary.virtualSeconds, 6);
    const report = readFileSync(join(folder, "report.html"), "utf8");
    expect(report).toContain("Rehearsal of stack dev");
    expect(report).toContain("::japaneast-cluster-aks");
    sent = journal();
  });

  test("the second time nothing changes and nothing is deployed", async () => {
    const report = readFileSync(join(folder, "report.html"), "utf8");
    const summary = await run();
    expect(summary).toMatchObject({ succeeded: true, errors: [], virtualSeconds: 0, criticalPath: [] });
    expect(Object.keys(summary.resources)).toEqual(["same"]);
    expect(summary.contracts).toHaveLength(16);
    expect(journal()).toEqual(sent);
    expect(readFileSync(join(folder, "report.html"), "utf8")).toBe(report);
  });

  test("no private key is in the state, the logs or the outputs", async () => {
    const keys = privateKeys(folder);
    expect(keys).toHaveLength(6); // five validators and the deployer
    const rehearsal = await openDev(folder);
    const outputs = JSON.stringify(await rehearsal.outputs());
    const state = await rehearsal.exportState();
    expect(state).toContain("japaneast-validator-0");
    const { output } = await rehearsal.run("preview", { parallel: 4 });
    // Kept by the simulated cloud and by the operator, readable by the owner alone.
    const own = ["cloud.jsonl", "deployer.key"].map((name) => join(folder, name));
    for (const file of own) expect(statSync(file).mode & 0o077).toBe(0);
    const files = filesBelow(folder).filter((file) => !own.includes(file));
    for (const text of [outputs, state, output, ...files.map((file) => readFileSync(file, "latin1"))]) {
      for (const key of keys) expect(text.includes(key)).toBe(false);
    }
  });

  test("a chain that lost its contracts is noticed although nothing else changed, and refused: it was begun anew", async () => {
    const files = ["chain1.json", "chain1.json.genesis"].map((name) => join(folder, "chains", name));
    const kept = files.map((file) => readFileSync(file));
    for (const file of files) rmSync(file);
    const { succeeded, errors } = await run();
    files.forEach((file, index) => writeFileSync(file, kept[index] ?? ""));
    expect(succeeded).toBe(false);
    const refused = errors.filter(({ message }) =>
      /The journal .*chain1\.jsonl is of a chain with the genesis/.test(message),
    );
    // The first batch; chain 138, which lost nothing, is left alone.
    expect(refused.map(({ resource }) => resource).sort()).toEqual([
      "chain1-multicall3",
      "chain1-multisig",
      "chain1-weth10",
      "chain1-weth9",
    ]);
  });

  test("destroy leaves nothing", async () => {
    const result = await destroyRehearsal({ folder, pulumi: (await ensurePulumi()).pulumi.path });
    expect(result).toMatchObject({ exitCode: 0 });
    expect(existsSync(folder)).toBe(false);
  });

  test("a folder that another rehearsal uses is refused", async () => {
    const busy = newFolder();
    await openDev(busy);
    await expect(rehearse({ folder: busy, pulumi: "pulumi" })).rejects.toThrow(
      `Another rehearsal is running in ${busy}.`,
    );
  });

  test("an unknown stack is refused by name before anything starts", async () => {
    const empty = newFolder();
    await expect(rehearse({ folder: empty, pulumi: "pulumi", stack: "prud" })).rejects.toThrow(
      'There is no stack "prud": Pulumi.prud.yaml does not exist.',
    );
    expect(readdirSync(empty)).toEqual([]);
  });
});

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

/** All private keys that the rehearsal has, in every form in which they could leak. */
const privateKeys = (folder: string): string[] => {
  const cloud = readFileSync(join(folder, "cloud.jsonl"), "utf8");
  const validatorKeys = [...cloud.matchAll(/"value":"([0-9a-f]{64})"/g)].map((match) => match[1]!);
  const deployer = readFileSync(join(folder, "deployer.key"), "utf8").trim().slice(2);
  return [...new Set([...validatorKeys, deployer])];
};

describe("one region at a time, on one stack", () => {
  const folder = newFolder();
  const comesUp = async (region: string, besides: readonly string[]): Promise<void> => {
    const rehearsal = await openDev(folder);
    const result = await rehearsal.run("up", { parallel: 64, checkpoints: false, targets: regionTargets(region) });
    expect(errorsOf(result)).toEqual([]);
    expect(result.exitCode).toBe(0);
    const owners = new Set(namesOf(result).map((name) => name.split("-")[0]));
    expect([...owners].sort()).toEqual([region, ...besides].sort());
    expect(namesOf(result)).toContain(`${region}-validator-0-set`);
  };

  test("a region comes up with what is global, and nothing of another whose name ends alike", () =>
    comesUp("eastasia", ["global"]));

  test("the next one comes up alone", () => comesUp("southeastasia", []));

  test("then the others come up like the first: their providers led nowhere until now", async () => {
    const rehearsal = await openDev(folder);
    const rest = await rehearsal.run("up", { parallel: 64, checkpoints: false, targets: allRegions });
    expect(errorsOf(rest)).toEqual([]);
    expect(rest.trace.every(({ kind }) => kind === "create")).toBe(true);
    expect(namesOf(rest).filter((name) => name.endsWith("-validator-0-set"))).toHaveLength(3);
  });

  test("refresh finds nothing after that, and what somebody deleted; the next up makes it again", async () => {
    const rehearsal = await openDev(folder);
    const quiet = await rehearsal.run("refresh", { parallel: 64 });
    expect(errorsOf(quiet)).toEqual([]);
    expect(Object.keys(quiet.changes)).toEqual(["same"]);
    expect(quiet.trace.every(({ kind }) => kind === "read")).toBe(true);

    const pool = rehearsal.cloud
      .below("/subscriptions")
      .find(({ id, type }) => type.endsWith(":AgentPool") && id.includes("-southeastasia/"));
    rehearsal.cloud.remove(pool!.id);
    const found = await rehearsal.run("refresh", { parallel: 64 });
    expect(found.changes).toMatchObject({ delete: 1 });
    const repaired = await rehearsal.run("up", { parallel: 64, checkpoints: false, targets: allRegions });
    expect(errorsOf(repaired)).toEqual([]);
    expect(namesOf(repaired)).toEqual(["southeastasia-cluster-validators"]);
  });

  test("a change reaches the targeted region alone", async () => {
    const after = await openDev(folder, (config) => {
      config["meridian:tags"] = { environment: "changed" };
    });
    const result = await after.run("up", { parallel: 64, checkpoints: false, targets: regionTargets("eastasia") });
    expect(errorsOf(result)).toEqual([]);
    expect(namesOf(result).length).toBeGreaterThan(0);
    expect(result.trace.every(({ kind }) => kind === "update")).toBe(true);
    // The mesh bears the tags as well, and is what is global.
    const elsewhere = namesOf(result).filter((name) => !name.startsWith("eastasia-"));
    expect(elsewhere.filter((name) => !name.startsWith("global-mesh-"))).toEqual([]);
  });
});

describe("when something fails", () => {
  test("a region whose group exists already is refused, and with --continue-on-error the others come up", async () => {
    const rehearsal = await openDev(newFolder());
    const type = "azure-native:resources:ResourceGroup";
    const id = `/subscriptions/${subscriptionId}/resourceGroups/meridian-dev-japaneast`;
    rehearsal.cloud.put({ id, type, inputs: {}, outputs: {}, state: "Succeeded", acceptedMs: -1 });
    const result = await rehearsal.run("up", {
      parallel: 64,
      checkpoints: false,
      targets: allRegions,
      continueOnError: true,
    });
    expect(result.exitCode).not.toBe(0);
    expect(errorsOf(result)).toContain(`cannot create already existing resource '${id}'`);
    const created = result.trace.filter(({ outcome }) => outcome === "succeeded").map(({ urn }) => nameOf(urn));
    for (const region of regions) {
      expect(created.includes(`${region}-validator-0-set`)).toBe(region !== "japaneast");
    }
    // The chance in its vault's name is made, not asked for.
    expect(created.filter((name) => name.startsWith("japaneast-"))).toEqual(["japaneast-keys-suffix"]);

    // The operator removes what was in the way; the next run does what is missing and nothing else.
    rehearsal.cloud.remove(id);
    const resumed = await rehearsal.run("up", { parallel: 64, checkpoints: false, targets: allRegions });
    expect(errorsOf(resumed)).toEqual([]);
    expect(namesOf(resumed).every((name) => name.startsWith("japaneast-"))).toBe(true);
  });

  test("an interrupted deployment stops cleanly, and the next run completes it", async () => {
    const rehearsal = await openDev(newFolder());
    let interrupted = false;
    const first = await rehearsal.run("up", {
      parallel: 64,
      targets: allRegions,
      onProgress: (clock) => {
        if (interrupted || clock.trace.length < 20) return;
        interrupted = true;
        rehearsal.interrupt();
      },
    });
    expect(first.exitCode).not.toBe(0);
    expect(first.trace.length).toBeLessThan(60);
    const second = await rehearsal.run("up", { parallel: 64, targets: allRegions });
    expect(errorsOf(second)).toEqual([]);
    const created = [...namesOf(first), ...namesOf(second)];
    expect(new Set(created).size).toBe(created.length);
    expect((await rehearsal.run("up", { parallel: 64, targets: allRegions })).trace).toEqual([]);
  });

  test("a mistake in the configuration is one message, and nothing is created", async () => {
    const rehearsal = await openDev(newFolder(), (config) => {
      config["meridian:regions"] = [{ name: "japaneastt", validators: 4 }];
    });
    const result = await rehearsal.run("up", { parallel: 4 });
    expect(result.exitCode).not.toBe(0);
    expect(result.trace).toEqual([]);
    expect(rehearsal.cloud.size).toBe(0);
    expect(errorsOf(result).filter((message) => message.includes("japaneastt"))).toHaveLength(1);
    expect(errorsOf(result).join("\n")).not.toMatch(/^\s+at /m);
  });
});
