import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { getCreate2Address, type Hex } from "viem";
import { CREATE2_FACTORY_ADDRESS } from "../../besu/genesis";
import { compileContracts } from "../../contracts/compile";
import { connect } from "../../contracts/client";
import { deploy } from "../../contracts/deploy/deploy";
import { Journal } from "../../contracts/deploy/journal";
import { GasCapError } from "../../contracts/deploy/sign";
import { planChain, type PlannedContract } from "../../contracts/plan";
import type { Chain } from "../../rehearsal/chains";
import {
  deployer,
  deployerKey,
  eventually,
  genesis138,
  owner,
  rpc,
  startChain1,
  startChain138,
  transactionsOf,
  withChain,
  withFolder,
} from "./support/chains";
import { contractsOf, deployAll, deployOne } from "./support/programs";

jest.setTimeout(120_000);
beforeAll(() => void compileContracts(() => undefined), 60_000);

const zeroAddress = "0x0000000000000000000000000000000000000000";
const upTo = (count: number): number[] => [...Array(count).keys()];
const journalOf = (folder: string): string => readFileSync(join(folder, "chain138.jsonl"), "utf8");
const failures = (runs: readonly { code: number | null; stderr: string }[]): string[] =>
  runs.filter(({ code }) => code !== 0).map(({ stderr }) => stderr);

/** A transfer of nothing by the deployer's key that Meridian knows nothing of. */
async function sendForeign(chain: Chain, nonce: number): Promise<Hex> {
  const fees = { maxFeePerGas: 0n, maxPriorityFeePerGas: 0n, gas: 21_000n };
  const raw = await deployer.signTransaction({ type: "eip1559", chainId: 138, nonce, to: owner, ...fees });
  return rpc<Hex>(chain, "eth_sendRawTransaction", raw);
}

const within138 = (work: (chain: Chain, journal: string) => Promise<void>, options = {}): Promise<void> =>
  withFolder((journal) => withChain(startChain138(options), (chain) => work(chain, journal)));

describe("transactions of somebody else with the same key", () => {
  test("in the pool before the first deployment: they come first, and nothing collides", () =>
    within138(
      async (chain, journal) => {
        await Promise.all(upTo(3).map((nonce) => sendForeign(chain, nonce)));
        const runs = await deployAll({ chain, journal });
        expect(failures(runs)).toEqual([]);
        expect(runs.map(({ result }) => result.nonce).sort((a, b) => a! - b!)).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11]);
      },
      { blockTimeSeconds: 0.25 },
    ));

  test("in the middle: still nine contracts, and no nonce is lost", () =>
    within138(async (chain, journal) => {
      const [first, ...rest] = contractsOf("chain138");
      await deployOne(first!, { chain, journal });
      await sendForeign(chain, 1);
      const runs = await Promise.all(rest.map((name) => deployOne(name, { chain, journal })));
      expect(failures(runs)).toEqual([]);
      expect((await transactionsOf(chain, deployer.address)).map(({ nonce }) => nonce)).toEqual(upTo(10));
    }));

  test("above a gap: the deployment closes it", () =>
    within138(async (chain, journal) => {
      await sendForeign(chain, 1);
      const run = await deployOne("WETH9", { chain, journal });
      expect(run.stderr).not.toContain("would");
      expect(run.result.nonce).toBe(0);
      expect((await transactionsOf(chain, deployer.address)).map(({ nonce }) => nonce)).toEqual([0, 1]);
    }));

  test("nine machines without a common journal or lock: races are lost and made good", () =>
    within138(
      async (chain, journal) => {
        const runs = await Promise.all(
          contractsOf("chain138").map((name) => deployOne(name, { chain, journal: join(journal, name) })),
        );
        expect(failures(runs)).toEqual([]);
        const transactions = await transactionsOf(chain, deployer.address);
        expect(transactions.map(({ nonce }) => nonce)).toEqual(upTo(9));
      },
      { blockTimeSeconds: 0.25 },
    ));
});

test("a standing transaction above nonces that nobody used: the gaps are closed", () =>
  within138(async (chain, journal) => {
    await sendForeign(chain, 0);
    await sendForeign(chain, 1);
    await deployOne("WETH9", { chain, journal, killAt: "after-journal" });
    await rpc(chain, "anvil_setNonce", deployer.address, "0x0");

    const run = await deployOne("WETH9", { chain, journal });

    expect(failures([run])).toEqual([]);
    expect(run.result.nonce).toBe(2);
    expect(journalOf(journal).match(/"name":"gap"/g)).toHaveLength(2);
  }));

test("a journal torn in its last line goes on", () =>
  within138(async (chain, journal) => {
    await deployOne("WETH9", { chain, journal, killAt: "after-journal" });
    const path = join(journal, "chain138.jsonl");
    writeFileSync(path, readFileSync(path, "utf8").slice(0, -7));

    const run = await deployOne("WETH9", { chain, journal });

    expect(failures([run])).toEqual([]);
    for (const line of journalOf(journal).trimEnd().split("\n")) expect(() => void JSON.parse(line)).not.toThrow();
    expect(await transactionsOf(chain, deployer.address)).toHaveLength(1);
  }));

test("an answer to sending that is lost is looked up, not sent anew", () =>
  within138(async (chain, journal) => {
    let lost = 0;
    const proxy = createServer((request, response) => {
      void (async () => {
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk as Buffer);
        const body = Buffer.concat(chunks).toString();
        const answer = await fetch(chain.rpcUrl, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body,
        });
        const text = await answer.text();
        if (body.includes("eth_sendRawTransaction") && lost++ === 0) response.destroy();
        else response.setHeader("content-type", "application/json").end(text);
      })();
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    const rpcUrl = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    try {
      const run = await deployOne("WETH9", { chain: { ...chain, rpcUrl }, journal });
      expect(failures([run])).toEqual([]);
      expect(lost).toBe(1);
      expect(await transactionsOf(chain, deployer.address)).toHaveLength(1);
    } finally {
      proxy.close();
    }
  }));

test("a transaction that the node drops is sent again, the same one", () =>
  within138(
    async (chain, journal) => {
      const running = deployOne("WETH9", { chain, journal });
      const hash = await eventually("the transaction is in the pool", async () => {
        const path = join(journal, "chain138.jsonl");
        const written = existsSync(path) ? /"hash":"(0x\w{64})"/.exec(readFileSync(path, "utf8"))?.[1] : undefined;
        const known = written === undefined ? null : await rpc(chain, "eth_getTransactionByHash", written);
        return known === null ? undefined : written;
      });
      await rpc(chain, "anvil_dropTransaction", hash);
      const run = await running;
      expect(failures([run])).toEqual([]);
      expect(run.result.transaction).toBe(hash);
    },
    { blockTimeSeconds: 3 },
  ));

describe("fees", () => {
  const within1 = (work: (chain: Chain, journal: string) => Promise<void>): Promise<void> =>
    withFolder((journal) => withChain(startChain1(), (chain) => work(chain, journal)));
  const signedIn = (journal: string): number =>
    readFileSync(join(journal, "chain1.jsonl"), "utf8").match(/"type":"signed"/g)?.length ?? 0;

  test("that rose above what was signed: the same nonce is signed again", () =>
    within1(async (chain, journal) => {
      await deployOne("WETH9", { chain, journal, killAt: "after-journal" });
      await rpc(chain, "anvil_setNextBlockBaseFeePerGas", "0x174876e800");
      await rpc(chain, "evm_mine");

      const run = await deployOne("WETH9", { chain, journal });

      expect(failures([run])).toEqual([]);
      expect(run.result.nonce).toBe(0);
      expect(signedIn(journal)).toBe(2);
      expect(await transactionsOf(chain, deployer.address)).toHaveLength(1);
    }));

  test("that cannot be paid any more leave nothing behind that stops a later run", () =>
    within1(async (chain, journal) => {
      const balance = await rpc<Hex>(chain, "eth_getBalance", deployer.address, "latest");
      await deployOne("WETH9", { chain, journal, killAt: "after-journal" });
      await rpc(chain, "anvil_setBalance", deployer.address, "0x0");
      const poor = await deployOne("WETH10", { chain, journal });
      expect(poor.stderr).toContain("has 0 ETH");

      await rpc(chain, "anvil_setBalance", deployer.address, balance);
      const runs = [await deployOne("WETH10", { chain, journal }), await deployOne("WETH9", { chain, journal })];
      expect(failures(runs)).toEqual([]);
      expect(runs.map(({ result }) => result.nonce)).toEqual([0, 1]);
    }));
});

describe("a chain that is not the one of the journal", () => {
  test("another genesis is refused, and nothing is sent", () =>
    withFolder(async (journal) => {
      await withChain(startChain138(), (chain) => deployOne("WETH9", { chain, journal }));
      const other = startChain138({ genesis: { ...genesis138, gasLimit: "0x1c9c381" } });
      await withChain(other, async (chain) => {
        const run = await deployOne("WETH9", { chain, journal });
        expect(run.code).toBe(1);
        expect(run.stderr).toMatch(/journal .* genesis 0x.*begun anew.*\n.*move that journal away/s);
        expect(await transactionsOf(chain, deployer.address)).toEqual([]);
      });
    }));

  test("the same genesis, put back to its beginning: the same transactions are sent again", () =>
    within138(async (chain, journal) => {
      const beginning = await rpc<Hex>(chain, "evm_snapshot");
      const before = await deployAll({ chain, journal });
      await rpc(chain, "evm_revert", beginning);

      const after = await deployAll({ chain, journal });

      expect(failures(after)).toEqual([]);
      expect(after.map(({ result }) => result.transaction)).toEqual(before.map(({ result }) => result.transaction));
      expect(await transactionsOf(chain, deployer.address)).toHaveLength(9);
    }));
});

describe("nothing is sent", () => {
  const sendsNothing = async (chain: Chain, journal: string): Promise<void> => {
    expect(await transactionsOf(chain, deployer.address)).toEqual([]);
    const path = join(journal, `${chain.name}.jsonl`);
    if (existsSync(path)) expect(readFileSync(path, "utf8")).not.toContain('"signed"');
  };

  test("when the constructor reverts with a custom error: its name and values are told", () =>
    within138(async (chain, journal) => {
      const run = await deployOne("CCIPRouter", { chain, journal, owner: zeroAddress });
      expect(run.code).toBe(1);
      expect(run.stderr).toContain(`The constructor of CCIPRouter reverts: OwnableInvalidOwner(${zeroAddress})`);
      await sendsNothing(chain, journal);
    }));

  test("when the constructor reverts over several arguments", () =>
    within138(async (chain, journal) => {
      const run = await deployOne("MultiSig", { chain, journal, more: ["--threshold", "3"] });
      expect(run.stderr).toContain("The constructor of MultiSig reverts: InvalidThreshold(3, 1)");
      await sendsNothing(chain, journal);
    }));

  test("when something else is at the address", () =>
    within138(async (chain, journal) => {
      const planned = planChain("chain138", { owner }, "test", compileContracts());
      const { address } = planned.find(({ contract }) => contract === "WETH9")!;
      await rpc(chain, "anvil_setCode", address, "0x6001");
      const run = await deployOne("WETH9", { chain, journal });
      expect(run.code).toBe(1);
      expect(run.stderr).toContain(`At ${address}, where chain138-weth9 belongs, there is code of 2 bytes`);
      await sendsNothing(chain, journal);
    }));

  test("when the sources changed since the address was predicted", () =>
    within138(async (chain, journal) => {
      const run = await deployOne("WETH9", { chain, journal, more: ["--address", owner] });
      expect(run.code).toBe(1);
      expect(run.stderr).toContain(`${owner} was predicted`);
      await sendsNothing(chain, journal);
    }));

  test("when the node is one of another chain", () =>
    withFolder((journal) =>
      withChain(startChain1(), async (chain) => {
        const run = await deployOne("WETH9", { chain: { ...chain, name: "chain138" }, journal });
        expect(run.stderr).toContain("answers with chain id 1 instead of 138");
        await sendsNothing(chain, journal);
      }),
    ));

  test("when the genesis has no factory", () =>
    within138(
      async (chain, journal) => {
        const run = await deployOne("WETH9", { chain, journal });
        expect(run.stderr).toContain("There is no CREATE2 factory at 0x4e59b44847b379578588920cA78FbF26c0B4956C.");
        await sendsNothing(chain, journal);
      },
      { genesis: { ...genesis138, alloc: {} } },
    ));

  test("when the deployer cannot pay", () =>
    withFolder((journal) =>
      withChain(startChain1(), async (chain) => {
        const environment = { MERIDIAN_DEPLOYER_KEY: `0x${"11".repeat(32)}` };
        const run = await deployOne("WETH9", { chain, journal, environment });
        expect(run.stderr).toMatch(/The deployer 0x\w{40} has 0 ETH; this transaction may cost 0\.\d+/);
        await sendsNothing(chain, journal);
      }),
    ));

  test("when the deployment needs more gas than a transaction may have", () =>
    within138(async (chain, journal) => {
      // for (n = 800; n != 0; n--) sstore(n, n); return one byte: about 17.8 million gas.
      const initCode: Hex = "0x6103205b808055600190038060035760015ff3";
      const [any] = planChain("chain138", { owner }, "test", compileContracts());
      const planned: PlannedContract = {
        ...any!,
        initCode,
        address: getCreate2Address({ from: CREATE2_FACTORY_ADDRESS, salt: any!.salt, bytecode: initCode }),
      };
      const deployment = deploy({
        client: connect(chain.rpcUrl),
        planned,
        journal: new Journal(journal, "chain138"),
        account: () => Promise.resolve(deployer),
        timeoutMs: 10_000,
        progress: () => undefined,
      });
      await expect(deployment).rejects.toThrow(GasCapError);
      await sendsNothing(chain, journal);
    }));

  test("when others can read the key file; one of mode 600 is taken", () =>
    within138(async (chain, journal) => {
      const file = join(journal, "key");
      writeFileSync(file, `${deployerKey}\n`);
      chmodSync(file, 0o640);
      const environment = { MERIDIAN_DEPLOYER_KEY_FILE: file, MERIDIAN_DEPLOYER_KEY: "" };
      const refused = await deployOne("WETH9", { chain, journal, environment });
      expect(refused.stderr).toContain("has mode 640");
      await sendsNothing(chain, journal);

      chmodSync(file, 0o600);
      expect(failures([await deployOne("WETH9", { chain, journal, environment })])).toEqual([]);
    }));
});
