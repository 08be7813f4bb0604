import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Hex } from "viem";
import { AnvilError } from "../../rehearsal/anvil-process";
import { ChainStateError, type Chain } from "../../rehearsal/chains";
import { CREATE2_FACTORY_ADDRESS, CREATE2_FACTORY_CODE } from "../../besu/genesis";
import { projectRoot } from "../../toolchain/paths";
import {
  deployer,
  eventually,
  genesis138,
  owner,
  rpc,
  startChain1,
  startChain138,
  withChain,
  withFolder,
} from "./support/chains";

jest.setTimeout(60_000);

const lives = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
const gone = (pid: number): Promise<true> =>
  eventually(`process ${pid} ends`, () => Promise.resolve(lives(pid) ? undefined : true));

/** A transfer of nothing by the deployer, in a block. */
const send = async (chain: Chain, nonce: number, gas = 21_000n): Promise<void> => {
  const fees = { maxFeePerGas: 0n, maxPriorityFeePerGas: 0n };
  const raw = await deployer.signTransaction({ type: "eip1559", chainId: 138, nonce, to: owner, gas, ...fees });
  const hash = await rpc<Hex>(chain, "eth_sendRawTransaction", raw);
  await eventually("the transfer is in a block", async () => {
    const receipt = await rpc<object | null>(chain, "eth_getTransactionReceipt", hash);
    return receipt ?? undefined;
  });
};
const nonceOf = (chain: Chain): Promise<Hex> => rpc<Hex>(chain, "eth_getTransactionCount", deployer.address, "latest");

test("what is on the chain comes from the genesis alone", () =>
  withChain(startChain138(), async (chain) => {
    expect(await rpc(chain, "eth_getCode", CREATE2_FACTORY_ADDRESS, "latest")).toBe(CREATE2_FACTORY_CODE);
    expect(await rpc(chain, "eth_accounts")).toEqual([]);
    expect(await rpc(chain, "eth_getBalance", "0x0000000000000000000000000000000000000001", "latest")).toBe("0x1");
  }));

test("without the genesis' factory there is none, so the genesis is what is tested", () =>
  withChain(startChain138({ genesis: { ...genesis138, alloc: {} } }), async (chain) => {
    expect(await rpc(chain, "eth_getCode", CREATE2_FACTORY_ADDRESS, "latest")).toBe("0x");
  }));

test("chain 138 asks no fee of an account without funds; chain 1 does", async () => {
  await withChain(startChain138(), async (chain) => {
    await send(chain, 0);
    expect(await nonceOf(chain)).toBe("0x1");
  });
  await withChain(startChain1(), async (chain) => {
    const { baseFeePerGas } = await rpc<{ baseFeePerGas: Hex }>(chain, "eth_getBlockByNumber", "latest", false);
    expect(Number(baseFeePerGas)).toBeGreaterThan(0);
  });
});

test("a transaction may use 16,777,216 gas and no more", () =>
  withChain(startChain138(), async (chain) => {
    await expect(send(chain, 0, 16_777_217n)).rejects.toThrow(/gas/i);
    await send(chain, 0, 16_777_216n);
    expect(await nonceOf(chain)).toBe("0x1");
  }));

test("a chain begun anew has another genesis hash", async () => {
  const genesisHash = (chain: Chain): Promise<{ hash: Hex; timestamp: Hex }> =>
    rpc(chain, "eth_getBlockByNumber", "0x0", false);
  const first = await withChain(startChain138(), genesisHash);
  await eventually("the clock shows another second", () =>
    Promise.resolve(Math.floor(Date.now() / 1000) > Number(first.timestamp) ? true : undefined),
  );
  expect((await withChain(startChain138(), genesisHash)).hash).not.toBe(first.hash);
});

describe("a chain with a state file", () => {
  const stateIn = (folder: string): string => join(folder, "chain138.json");

  test("goes on where it was closed, with the same genesis", () =>
    withFolder(async (folder) => {
      const options = { stateFile: stateIn(folder) };
      const before = await withChain(startChain138(options), async (chain) => {
        await send(chain, 0);
        return rpc<{ hash: Hex }>(chain, "eth_getBlockByNumber", "0x0", false);
      });
      await withChain(startChain138(options), async (chain) => {
        expect(await nonceOf(chain)).toBe("0x1");
        expect(await rpc(chain, "eth_getBlockByNumber", "0x0", false)).toMatchObject({ hash: before.hash });
        await send(chain, 1);
        expect(await nonceOf(chain)).toBe("0x2");
      });
    }));

  test("has the same genesis however often it is started, and one block 0 in its state", () =>
    withFolder(async (folder) => {
      const options = { stateFile: stateIn(folder), blockTimeSeconds: 0 };
      const genesisOf = async (chain: Chain): Promise<[Hex, number]> => {
        await send(chain, Number(await nonceOf(chain)));
        const state = JSON.parse(readFileSync(options.stateFile, "utf8")) as { blocks: { header: { number: Hex } }[] };
        const { hash } = await rpc<{ hash: Hex }>(chain, "eth_getBlockByNumber", "0x0", false);
        return [hash, state.blocks.filter(({ header }) => Number(header.number) === 0).length];
      };
      const starts: [Hex, number][] = [];
      for (let count = 0; count < 5; count++) starts.push(await withChain(startChain138(options), genesisOf));
      expect(starts).toEqual(starts.map(() => [starts[0]?.[0], 1]));
    }));

  test("keeps what it had written when anvil is killed", () =>
    withFolder(async (folder) => {
      const options = { stateFile: stateIn(folder) };
      const chain = await startChain138(options);
      await send(chain, 0);
      await eventually("the transaction is in the file", () =>
        Promise.resolve(readFileSync(options.stateFile, "utf8").includes('"best_block_number":1') ? true : undefined),
      );
      process.kill(chain.pid, "SIGKILL");
      await chain.ended;
      await withChain(startChain138(options), async (again) => {
        expect(await nonceOf(again)).toBe("0x1");
      });
    }));

  test("is refused when its first block is another chain's", () =>
    withFolder(async (folder) => {
      const options = { stateFile: stateIn(folder) };
      await withChain(startChain138(options), () => Promise.resolve());
      writeFileSync(`${options.stateFile}.genesis`, '{"header":{"number":"0x0"}}');
      await expect(startChain138(options)).rejects.toThrow(ChainStateError);
    }));

  test("is refused when the file is torn", () =>
    withFolder(async (folder) => {
      writeFileSync(stateIn(folder), '{"block":');
      await expect(startChain138({ stateFile: stateIn(folder) })).rejects.toThrow(ChainStateError);
    }));
});

describe("anvil ends", () => {
  test("when the process that started it is killed", async () => {
    const line = `import { run } from "./toolchain/bundle.mjs"; run("tests/chain/support/parent.ts");`;
    const parent = spawn("node", ["--input-type=module", "-e", line], {
      cwd: projectRoot,
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [text] = (await once(parent.stdout, "data")) as [Buffer];
    const pid = Number(text.toString());
    expect(lives(pid)).toBe(true);
    parent.kill("SIGKILL");
    await gone(pid);
  });

  test("when its signal is aborted", async () => {
    const controller = new AbortController();
    const chain = await startChain138({ signal: controller.signal });
    controller.abort();
    await chain.ended;
    await gone(chain.pid);
  });

  test("with a clear error when it cannot be started", async () => {
    const starting = startChain138({ anvil: "/nonexistent/anvil" });
    await expect(starting).rejects.toThrow(AnvilError);
    await expect(starting).rejects.toThrow(/anvil did not start: .*not found/);
  });
});
