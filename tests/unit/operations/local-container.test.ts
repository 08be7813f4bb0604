import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { BESU_IMAGE } from "../../../besu/image";
import { containerName } from "../../../operations/docker-run";
import { startBesuChain } from "../../../operations/local-chain";
import { LocalContainerError } from "../../../operations/local-container";
import { downLocalNetwork, findLocalNetwork, upLocalNetwork } from "../../../operations/local-network";
import { logFile, pidOf } from "../../../operations/local-node";
import { type FakeDocker, fakeDocker } from "../../support/docker";
import { freeNodePorts } from "../../support/node-ports";

const programs = { "/opt/besu/bin/besu": [process.execPath, join(__dirname, "../../support/fake-besu.cjs")] };

let folder: string;
let engine: FakeDocker;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "meridian-container-"));
  engine = fakeDocker(folder, { programs });
});
afterEach(async () => {
  engine.set({ running: true });
  await downLocalNetwork(network());
  for (const pid of Object.values(engine.containers())) process.kill(pid, "SIGKILL");
  rmSync(folder, { recursive: true });
});

const network = () => join(folder, "net, and more");
const node = () => findLocalNetwork(network())!.nodes[0]!;
const up = async (options: { readyTimeoutMs?: number; onStep?: (step: string) => void } = {}) => {
  const ports = findLocalNetwork(network()) === undefined ? { ports: await freeNodePorts(1) } : {};
  const besu = { docker: engine.docker, image: BESU_IMAGE };
  return upLocalNetwork({ folder: network(), besu, validators: 1, ...ports, ...options });
};
const verbs = () => engine.calls().map(([verb]) => verb);
const runs = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};
/** Kills the client; its container goes on. */
const orphan = async () => {
  const container = engine.containers();
  process.kill(pidOf(node())!, "SIGKILL");
  while (pidOf(node()) !== undefined) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(engine.containers()).toEqual(container);
  expect(Object.values(container).map(runs)).toEqual([true]);
  return container;
};

test("a validator in a container becomes ready, says so in its log, and ends with its container", async () => {
  engine.set({ strict: true });
  const steps: string[] = [];
  const ready = await up({ onStep: (step) => steps.push(step) });
  expect(ready).toMatchObject({ connected: true, nodes: [{ name: "validator-0", pid: pidOf(node()) }] });
  expect(steps).toEqual([
    `pulling ${BESU_IMAGE}`,
    `starting 1 of 1 validators in containers of ${BESU_IMAGE}`,
    "waiting for peers and blocks",
  ]);
  expect(Object.keys(engine.containers())).toEqual([containerName(node())]);
  // The heap's limit reached Besu by docker's own environment.
  expect(readFileSync(logFile(node()), "utf8")).toContain("-Xmx512m");

  expect(await downLocalNetwork(network())).toBe(1);
  expect(pidOf(node())).toBeUndefined();
  expect(engine.containers()).toEqual({});
  expect(await downLocalNetwork(network())).toBe(0);
  expect(verbs()).toEqual(["image", "pull", "run", "rm"]);
  const { keys } = JSON.parse(readFileSync(join(network(), "network.json"), "utf8")) as { keys: string[] };
  expect(engine.calls().flat().join(" ")).not.toContain(keys[0]!.slice(2));
});

test("an image that cannot be pulled is named before anything is started", async () => {
  engine.set({ registry: false });
  await expect(up()).rejects.toThrow(
    `The image ${BESU_IMAGE} cannot be pulled: exit code 1: Error response from daemon`,
  );
  expect(verbs()).not.toContain("run");
  expect(existsSync(node().folder)).toBe(false);
});

test("what docker says when it cannot start a container is the validator's last word", async () => {
  engine.set({ programs: {} });
  await expect(up()).rejects.toThrow(/validator-0 ended by itself[^]*no such file or directory/);
});

test("a container whose client was killed goes on; `up` replaces it without another pull, `down` ends it", async () => {
  await up();
  const left = await orphan();
  expect((await up()).connected).toBe(true);
  // Its ports were free for this one, so it is gone.
  expect(engine.containers()).not.toEqual(left);
  expect(verbs().filter((verb) => verb === "pull")).toHaveLength(1);

  await orphan();
  engine.set({ running: false });
  const purging = downLocalNetwork(network(), { purge: true });
  await expect(purging).rejects.toThrow(`${containerName(node())} may still run: exit code 1: Cannot connect`);
  await expect(purging).rejects.toThrow(LocalContainerError);

  engine.set({ running: true });
  await downLocalNetwork(network(), { purge: true });
  expect(existsSync(network())).toBe(false);
  expect(engine.containers()).toEqual({});
});

test("a network that does not become ready leaves no container", async () => {
  const silent = [process.execPath, "-e", "setInterval(() => {}, 1000)"];
  engine.set({ programs: { "/opt/besu/bin/besu": [...silent, "--"] } });
  await expect(up({ readyTimeoutMs: 300 })).rejects.toThrow(/not ready after 0.3 s/);
  expect(engine.containers()).toEqual({});
});

test("the engine of these tests refuses what a real one does", async () => {
  await up();
  const started = engine.calls().find(([verb]) => verb === "run")!;
  const again = (change: (arg: string) => string) => {
    const { status, stderr } = spawnSync(engine.docker, started.map(change), { encoding: "utf8" });
    return `${status} ${stderr}`;
  };
  expect(again((arg) => arg)).toMatch(/^125 .*is in use/);
  expect(again((arg) => arg.replace("--rm", "--no-such-flag"))).toMatch(/^125 unknown flag: --no-such-flag/);
  const elsewhere = (arg: string) => arg.replace("validator-0", "validator-1");
  expect(again(elsewhere)).toMatch(/^125 .*source=.*validator-1 does not exist/);
  expect(again((arg) => arg.replace(BESU_IMAGE, "besu:none"))).toMatch(/^125 .*No such image: besu:none/);
});

test("as chain 138 it ends when it is closed", async () => {
  const ports = await freeNodePorts(1);
  const besu = { docker: engine.docker, image: BESU_IMAGE };
  const chain = await startBesuChain({ folder: network(), besu, validators: 1, ports });
  expect(chain.rpcUrl).toBe(`http://127.0.0.1:${ports[0]!.rpc}`);
  await chain.close();
  expect(engine.containers()).toEqual({});
});
