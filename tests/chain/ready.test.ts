import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { connect } from "../../contracts/client";
import { waitUntilReady, type ReadyResult } from "../../contracts/wait/wait";
import { startChain1, startChain138, withChain } from "./support/chains";
import { runProgram } from "./support/programs";

jest.setTimeout(60_000);

/** A port on which nobody listens. */
async function unusedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const wait = (url: string, seconds: number) =>
  runProgram<ReadyResult>("wait", ["--chain", "chain138", "--timeout-seconds", String(seconds)], {
    MERIDIAN_CHAIN138_RPC_URL: url,
  });

test("a chain that makes blocks is ready at the next one", () =>
  withChain(startChain138({ blockTimeSeconds: 0.25 }), async (chain) => {
    const run = await wait(chain.rpcUrl, 30);
    expect(run.code).toBe(0);
    expect(run.result).toMatchObject({ chain: "chain138", chainId: 138 });
    expect(run.result.block).toBeGreaterThan(0);
  }));

test("a chain that comes late is waited for", async () => {
  const port = await unusedPort();
  const said: string[] = [];
  let heardOfNobody = (): void => undefined;
  const nobody = new Promise<void>((resolve) => (heardOfNobody = resolve));
  const client = connect(`http://127.0.0.1:${port}`, 0);
  const waiting = waitUntilReady(client, "chain138", 138, 30_000, (line) => {
    said.push(line);
    heardOfNobody();
  });

  await nobody;
  await withChain(startChain138({ port, blockTimeSeconds: 0.25 }), async () => {
    expect((await waiting).block).toBeGreaterThan(0);
  });
  expect(said[0]).toBe("no connection: ECONNREFUSED");
});

test("a chain that never comes is given up in time, with the reason", async () => {
  const began = Date.now();
  const run = await wait(`http://127.0.0.1:${await unusedPort()}`, 1);
  expect(run.code).toBe(1);
  expect(run.stderr).toContain("chain138 has made no new block in 1 s (no connection: ECONNREFUSED)");
  expect(run.stdout).toBe("");
  expect(Date.now() - began).toBeLessThan(10_000);
});

test("a chain that stands still is given up in time, with its block", () =>
  withChain(startChain138(), async (chain) => {
    const run = await wait(chain.rpcUrl, 1);
    expect(run.code).toBe(1);
    expect(run.stderr).toContain("(it stands at block 0)");
  }));

test("a node of another chain is refused at once", () =>
  withChain(startChain1({ blockTimeSeconds: 0.25 }), async (chain) => {
    const run = await wait(chain.rpcUrl, 600);
    expect(run.code).toBe(1);
    expect(run.stderr).toContain("answers with chain id 1 instead of 138");
  }));

test("one answer is not enough: a waiter that takes any block for progress calls a halted chain ready", () =>
  withChain(startChain138(), async (chain) => {
    // The broken variant: it asks whether there is a block, not whether one is added.
    const broken = Number(await connect(chain.rpcUrl).request({ method: "eth_blockNumber" })) >= 0;
    expect(broken).toBe(true);
    const real = waitUntilReady(connect(chain.rpcUrl, 0), "chain138", 138, 500, () => undefined);
    await expect(real).rejects.toThrow("no new block");
  }));
