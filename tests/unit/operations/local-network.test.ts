import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { findLocalNetwork, LocalNetworkError, upLocalNetwork } from "../../../operations/local-network";
import { pidOf } from "../../../operations/local-node";
import { networkStatus } from "../../../operations/local-status";
import { freeNodePorts } from "../../support/node-ports";

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "meridian-local-"))));
afterEach(() => rmSync(folder, { recursive: true }));

/** A stand-in for Besu. */
const program = (script: string): { path: string } => {
  const path = join(folder, "besu");
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return { path };
};
const somePorts = () => freeNodePorts(1);
const network = () => join(folder, "network");

test("a node that ends by itself is named with its last words", async () => {
  const besu = program("echo 'Bft Extra Data required'; exit 2");
  const starting = upLocalNetwork({ folder: network(), besu, validators: 1, ports: await somePorts() });
  await expect(starting).rejects.toThrow(/validator-0 ended by itself[^]*Bft Extra Data required/);
});

test("a network that does not become ready in time says how far each node is, and what was started has ended", async () => {
  const besu = program("exec sleep 600");
  const options = { folder: network(), besu, validators: 1, ports: await somePorts(), readyTimeoutMs: 300 };
  await expect(upLocalNetwork(options)).rejects.toThrow(/not ready after 0.3 s: validator-0 does not answer/);
  const plan = findLocalNetwork(network())!;
  expect(plan.nodes.map(pidOf)).toEqual([undefined]);
  expect(await networkStatus(plan)).toMatchObject({ connected: false });
});

test("a port that is taken is named before anything starts", async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const [ports] = await somePorts();
  const taken = (other.address() as AddressInfo).port;
  const besu = program("exit 0");
  const starting = upLocalNetwork({ folder: network(), besu, validators: 1, ports: [{ ...ports!, rpc: taken }] });
  await expect(starting).rejects.toThrow(`validator-0 cannot listen on port ${taken}: EADDRINUSE`);
  expect(existsSync(join(network(), "validator-0"))).toBe(false);
  await new Promise((resolve) => other.close(resolve));
});

test("the number of validators is frozen with the genesis", async () => {
  const options = { folder: network(), besu: program("exit 0"), ports: await somePorts(), readyTimeoutMs: 300 };
  await upLocalNetwork({ ...options, validators: 1 }).catch(() => undefined);
  await expect(upLocalNetwork({ ...options, validators: 2 })).rejects.toThrow(LocalNetworkError);
});
