import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { startBesuChain } from "../../operations/local-chain";
import { jsonRpc } from "../../operations/json-rpc";
import { findLocalNetwork } from "../../operations/local-network";
import { pidOf } from "../../operations/local-node";
import { findBesu } from "../../toolchain/besu";
import { projectRoot } from "../../toolchain/paths";
import { freeNodePorts } from "../support/node-ports";
import { describeTier } from "../support/tier";

jest.setTimeout(240_000);

const within = async (seconds: number, check: () => boolean): Promise<boolean> => {
  for (let i = 0; i < seconds * 10 && !check(); i++) await new Promise((resolve) => setTimeout(resolve, 100));
  return check();
};

describeTier("besu", "the local network as chain 138", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "meridian-besu-chain-"))));
  afterEach(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  const pids = () => findLocalNetwork(folder)?.nodes.map(pidOf);

  test("answers at its address until it is closed, and goes on with the same chain afterwards", async () => {
    const ports = await freeNodePorts(1);
    const besu = await findBesu();
    const options = { folder, besu, validators: 1, ports };
    const chain = await startBesuChain(options);
    const head = Number(await jsonRpc(chain.rpcUrl, "eth_blockNumber"));
    await chain.close();
    expect(pids()).toEqual([undefined]);

    const again = await startBesuChain(options);
    expect(Number(await jsonRpc(again.rpcUrl, "eth_blockNumber"))).toBeGreaterThanOrEqual(head);
    await again.close();
  });

  test("ends with the process that started it, even when that is killed", async () => {
    const line = `import { run } from "./toolchain/bundle.mjs"; run("tests/besu/support/parent.ts");`;
    const parent = spawn("node", ["--input-type=module", "-e", line], {
      cwd: projectRoot,
      env: { ...process.env, MERIDIAN_TEST_FOLDER: folder },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [text] = (await once(parent.stdout, "data")) as [Buffer];
    expect(JSON.parse(text.toString()).pids).toEqual([expect.any(Number)]);
    parent.kill("SIGKILL");
    expect(await within(30, () => pids()?.[0] === undefined)).toBe(true);
  });
});
