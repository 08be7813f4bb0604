import { join } from "node:path";
import { concatHex, encodeFunctionData, keccak256, pad, parseAbi, type Address, type Hex } from "viem";
import { planCalls, type PlannedCall } from "../../contracts/calls";
import { connect } from "../../contracts/client";
import { compileContracts } from "../../contracts/compile";
import { adopt } from "../../contracts/deploy/adopt";
import { Journal } from "../../contracts/deploy/journal";
import { perform, type PerformResult } from "../../contracts/deploy/perform";
import { viewOf } from "../../contracts/outlook/describe";
import { outlookOf } from "../../contracts/outlook/outlook";
import { planChain, type PlannedContract } from "../../contracts/plan";
import { chainStatus } from "../../contracts/status/status";
import type { Suite } from "../../contracts/suites/format";
import { loadSuite } from "../../contracts/suites/load";
import { mainnetStandIn, startChain, type Chain } from "../../rehearsal/chains";
import { deployer, deployerKey, rpc, transactionsOf, withChain, withFolder } from "./support/chains";
import { deployOne, runProgram, verifyOne } from "./support/programs";

jest.setTimeout(180_000);

const path = join("examples", "registry", "suite.yaml");
const suite = loadSuite(path);
const more = ["--suite", path, "--signers", deployer.address];
const settings = { owner: deployer.address, signers: [deployer.address] };
beforeAll(() => void compileContracts(() => undefined, suite), 60_000);

const planOf = (given: Suite = suite): { plan: PlannedContract[]; calls: PlannedCall[] } => {
  const plan = planChain(
    "anvil",
    settings,
    "test",
    compileContracts(() => undefined, given),
    given,
  );
  return { plan, calls: planCalls("anvil", plan, settings, given) };
};
const one = <T extends { readonly name: string }>(list: readonly T[], name: string): T =>
  list.find((each) => each.name === `anvil-${name}`)!;

const MULTICALL3: Address = "0xcA11bde05977b3631167028862bE2a173976CA11";

/** A chain for the example. */
const within = (work: (chain: Chain, journal: string) => Promise<void>): Promise<void> =>
  withFolder((journal) => {
    const genesis = { ...mainnetStandIn([deployer.address]), config: { chainId: 31337 } };
    return withChain(startChain({ name: "anvil", genesis, blockTimeSeconds: 0 }), (chain) => work(chain, journal));
  });

/** Deploys the whole example, each contract in a process of its own, all at once. */
const deployExample = async (chain: Chain, journal: string): Promise<void> => {
  const options = { chain, journal, owner: deployer.address, more: [...more, "--mode", "dataflow"] };
  const runs = await Promise.all(suite.contracts.map(({ name }) => deployOne(name, options)));
  expect(runs.filter(({ code }) => code !== 0).map(({ stderr }) => stderr)).toEqual([]);
};

/** Makes a call of the plan, in this process. */
const make = (chain: Chain, journal: string, planned: PlannedCall, account = deployer): Promise<PerformResult> =>
  perform({
    client: connect(chain.rpcUrl),
    planned,
    journal: new Journal(journal, "anvil"),
    account: () => Promise.resolve(account),
    timeoutMs: 30_000,
    progress: () => undefined,
  });

/** Runs the program that a Command runs. */
const performOne = (call: string, chain: Chain, journal: string, killAt?: string) =>
  runProgram<PerformResult>(
    "perform",
    [
      "--chain",
      "anvil",
      "--call",
      call,
      "--salt",
      "test",
      "--owner",
      deployer.address,
      "--timeout-seconds",
      "60",
      ...more,
    ],
    {
      MERIDIAN_ANVIL_RPC_URL: chain.rpcUrl,
      MERIDIAN_DEPLOYER_KEY: deployerKey,
      MERIDIAN_JOURNAL_DIR: journal,
      ...(killAt === undefined ? {} : { MERIDIAN_TEST_KILL_AT: killAt }),
    },
  );

const registryAbi = parseAbi([
  "function set(string name, address entry)",
  "function transferOwnership(address owner)",
  "function owner() view returns (address)",
]);
const sendAs = async (chain: Chain, from: Address, to: Address, data: Hex): Promise<void> => {
  await rpc(chain, "anvil_impersonateAccount", from);
  await rpc(chain, "anvil_setBalance", from, "0xde0b6b3a7640000");
  await rpc(chain, "eth_sendTransaction", { from, to, data });
  await rpc(chain, "anvil_mine", "0x1"); // it is in a block by now, whichever
};

test("the example is deployed, linked, adopted, called and verified; a second run sends nothing", () =>
  within(async (chain, journal) => {
    const { plan, calls } = planOf();
    await deployExample(chain, journal);
    for (const contract of ["Multicall3", "Shares", "TreasuryV1", "Treasury", "Registry"]) {
      const { result, stderr } = await verifyOne(contract, { chain, journal, owner: deployer.address, more });
      expect({ contract, verdict: result.verdict, stderr: result.reason === null ? "" : stderr }).toEqual({
        contract,
        verdict: "perfect",
        stderr: "",
      });
    }
    expect((await performOne("register-treasury", chain, journal)).result).toMatchObject({ done: false, nonce: 5 });
    expect(await make(chain, journal, one(calls, "hand-over"))).toMatchObject({ done: false, nonce: 6 });
    const owner = await rpc<Hex>(
      chain,
      "eth_call",
      { to: one(plan, "registry").address, data: "0x8da5cb5b" },
      "latest",
    );
    expect(owner).toBe(pad(one(plan, "treasury").address.toLowerCase() as Hex));
    // The proxy runs the implementation, and that the library: one member has the whole.
    await rpc(chain, "anvil_setBalance", one(plan, "treasury").address, "0x64");
    const share = encodeFunctionData({
      abi: parseAbi(["function share() view returns (uint256)"]),
      functionName: "share",
    });
    const whole = await rpc<Hex>(chain, "eth_call", { to: one(plan, "treasury").address, data: share }, "latest");
    expect(Number(whole)).toBe(100);

    for (const call of calls) expect(await make(chain, journal, call)).toMatchObject({ done: true });
    expect((await transactionsOf(chain, deployer.address)).map(({ nonce }) => nonce)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    const status = await chainStatus(connect(chain.rpcUrl), { plan, calls }, new Journal(journal, "anvil").read(), "");
    expect(status.map(({ name, state }) => `${name} ${state}`)).toEqual([
      "anvil-multicall3 deployed",
      "anvil-shares deployed",
      "anvil-treasury-v1 deployed",
      "anvil-treasury deployed",
      "anvil-registry deployed",
      "anvil-register-treasury done",
      "anvil-hand-over done",
    ]);
  }));

describe("adoption", () => {
  test("on mainnet is of the canonical Multicall3, and what needs it gets its address", () => {
    const plan = planChain(
      "mainnet",
      settings,
      "test",
      compileContracts(() => undefined, suite),
      suite,
    );
    const registry = plan.find(({ contract }) => contract === "Registry")!;
    expect(registry.initCode).toContain(MULTICALL3.slice(2).toLowerCase());
    expect(plan.find(({ contract }) => contract === "Multicall3")).toMatchObject({
      address: MULTICALL3,
      initCode: "0x",
    });
  });

  test("sends nothing, and refuses other code and none", () =>
    within(async (chain, journal) => {
      const code: Hex = "0x60016000";
      const adopted: Suite = {
        ...suite,
        contracts: suite.contracts.map((each) =>
          each.name === "Multicall3"
            ? { ...each, adopt: { anvil: { address: MULTICALL3, codeHash: keccak256(code) } } }
            : each,
        ),
      };
      const { plan, calls } = planOf(adopted);
      const client = connect(chain.rpcUrl);
      const multicall = one(plan, "multicall3");
      await rpc(chain, "anvil_setCode", MULTICALL3, code);
      expect(await adopt(client, multicall, plan)).toMatchObject({
        adopted: true,
        address: MULTICALL3,
        transaction: null,
      });
      const view = viewOf("anvil", plan, calls, "batches", await outlookOf(client, "anvil", plan, calls));
      expect(view.lines[0]).toMatchObject({ action: "adopt", gas: null });

      await rpc(chain, "anvil_setCode", MULTICALL3, "0x6001");
      await expect(adopt(client, multicall, plan)).rejects.toThrow(
        `anvil-multicall3 cannot be adopted: at ${MULTICALL3} the code's hash is ${keccak256("0x6001")}, and not ${keccak256(code)}.`,
      );
      const [status] = await chainStatus(client, { plan }, [], "");
      expect(status).toMatchObject({ name: "anvil-multicall3", state: "foreign" });
      await rpc(chain, "anvil_setCode", MULTICALL3, "0x");
      await expect(adopt(client, multicall, plan)).rejects.toThrow(`at ${MULTICALL3} there is no code.`);

      // The program does the same: mainnet's Multicall3 is not on this chain.
      const genesis = mainnetStandIn([deployer.address]);
      await withChain(startChain({ name: "mainnet", genesis, blockTimeSeconds: 0 }), async (mainnet) => {
        const run = await deployOne("Multicall3", { chain: mainnet, journal, owner: deployer.address, more });
        expect({ code: run.code, stderr: run.stderr }).toEqual({
          code: 1,
          stderr: expect.stringContaining("mainnet-multicall3 cannot be adopted") as string,
        });
        expect(await transactionsOf(mainnet, deployer.address)).toEqual([]);
      });
    }));

  test("without a hash compares with the source's code, but for immutables", () =>
    within(async (chain) => {
      const at: Address = "0x00000000000000000000000000000000000a11ce";
      const adopted: Suite = {
        ...suite,
        contracts: suite.contracts.map((each) =>
          each.name === "Registry" ? { ...each, adopt: { anvil: { address: at } } } : each,
        ),
      };
      const { plan } = planOf(adopted);
      const client = connect(chain.rpcUrl);
      const registry = one(plan, "registry");
      const { runtimeCode, immutables } = registry.artifact;
      const [{ start, length }] = immutables as [{ start: number; length: number }];
      const with_ = (from: number, bytes: string): Hex =>
        `0x${runtimeCode.slice(2, 2 + 2 * from)}${bytes}${runtimeCode.slice(2 + 2 * from + bytes.length)}`;
      await rpc(chain, "anvil_setCode", at, with_(start, "ab".repeat(length)));
      expect(await adopt(client, registry, plan)).toMatchObject({ adopted: true, address: at });
      await rpc(chain, "anvil_setCode", at, with_(0, "61"));
      await expect(adopt(client, registry, plan)).rejects.toThrow("byte 0 of the code is 0x61, the source gives 0x");
    }));
});

describe("a proxy", () => {
  test("that runs something else is refused, told by status, and no match for the verification", () =>
    within(async (chain, journal) => {
      await deployExample(chain, journal);
      const { plan } = planOf();
      const slot = "0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc";
      const impostor: Address = "0x000000000000000000000000000000000000bEEF";
      await rpc(chain, "anvil_setStorageAt", one(plan, "treasury").address, slot, pad(impostor));
      const options = { chain, journal, owner: deployer.address, more };
      const again = await deployOne("Treasury", options);
      expect(again.code).toBe(1);
      expect(again.stderr).toContain(`runs ${impostor}, which is none of the suite's contracts`);
      const verified = await verifyOne("Treasury", options);
      expect(verified.code).toBe(1);
      expect(verified.result).toMatchObject({
        verdict: "mismatch",
        reason: expect.stringContaining(`the proxy runs ${impostor} instead of`) as string,
      });
      const [status] = await chainStatus(connect(chain.rpcUrl), { plan: [one(plan, "treasury")] }, [], "");
      expect(status).toMatchObject({ state: "foreign" });
    }));
});

describe("a call after deployment", () => {
  const ready = (work: (chain: Chain, journal: string, registry: Address, calls: PlannedCall[]) => Promise<void>) =>
    within(async (chain, journal) => {
      await deployExample(chain, journal);
      const { plan, calls } = planOf();
      await work(chain, journal, one(plan, "registry").address, calls);
    });
  const sentTo = async (chain: Chain, address: Address): Promise<number> =>
    (await transactionsOf(chain, deployer.address)).filter(({ to }) => to?.toLowerCase() === address.toLowerCase())
      .length;

  test("killed anywhere and run again is sent once", () =>
    ready(async (chain, journal, registry) => {
      let times = 0;
      for (const killAt of ["before-sign", "after-sign", "after-journal", "after-send", "after-receipt"]) {
        // Undone, it is needed again.
        if (times > 0)
          await sendAs(
            chain,
            deployer.address,
            registry,
            encodeFunctionData({ abi: registryAbi, functionName: "set", args: ["treasury", registry] }),
          );
        const others = await sentTo(chain, registry);
        const killed = await performOne("register-treasury", chain, journal, killAt);
        expect({ killAt, signal: killed.signal }).toEqual({ killAt, signal: "SIGKILL" });
        const again = await performOne("register-treasury", chain, journal);
        expect({ killAt, code: again.code, stderr: again.code === 0 ? "" : again.stderr }).toEqual({
          killAt,
          code: 0,
          stderr: "",
        });
        expect({ killAt, sent: (await sentTo(chain, registry)) - others }).toEqual({ killAt, sent: 1 });
        times++;
      }
    }));

  test("four processes at once send it once", () =>
    ready(async (chain, journal, registry) => {
      const runs = await Promise.all([1, 2, 3, 4].map(() => performOne("register-treasury", chain, journal)));
      expect(runs.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
      expect(await sentTo(chain, registry)).toBe(1);
    }));

  test("that somebody has undone is made again", () =>
    ready(async (chain, journal, registry, calls) => {
      const call = one(calls, "register-treasury");
      const first = await make(chain, journal, call);
      await sendAs(
        chain,
        deployer.address,
        registry,
        encodeFunctionData({ abi: registryAbi, functionName: "set", args: ["treasury", registry] }),
      );
      const second = await make(chain, journal, call);
      expect(second.done).toBe(false);
      expect(second.transaction).not.toBe(first.transaction);
      expect(await make(chain, journal, call)).toMatchObject({ done: true, transaction: second.transaction });
    }));

  test("that would revert is told with its error, and nothing is sent", () =>
    ready(async (chain, journal, registry, calls) => {
      const stranger: Address = "0x0000000000000000000000000000000000000bad";
      await sendAs(
        chain,
        deployer.address,
        registry,
        encodeFunctionData({ abi: registryAbi, functionName: "transferOwnership", args: [stranger] }),
      );
      const sent = await sentTo(chain, registry);
      await expect(make(chain, journal, one(calls, "register-treasury"))).rejects.toThrow(
        `set(string,address) of anvil-register-treasury reverts: OwnableUnauthorizedAccount(${deployer.address}).`,
      );
      expect(await sentTo(chain, registry)).toBe(sent);
    }));

  test("that changes nothing of what is read is an error, not a loop", () =>
    ready(async (chain, journal, registry, calls) => {
      const call = one(calls, "register-treasury");
      const wrong = { ...call, doneWhen: call.doneWhen.map((check) => ({ ...check, gives: registry })) };
      await expect(make(chain, journal, wrong)).rejects.toThrow(
        /was mined in block \d+ as 0x\w+ \(success\), and entries\(\) of Registry still gives something else/,
      );
      expect(await sentTo(chain, registry)).toBe(1);
    }));

  test("whose contract is not there cannot tell whether it is needed", () =>
    within(async (chain, journal) => {
      const { calls } = planOf();
      await expect(make(chain, journal, one(calls, "register-treasury"))).rejects.toThrow(
        /anvil-register-treasury cannot tell whether it is needed: entries\(\) of Registry at 0x\w+ fails/,
      );
    }));
});

describe("the outlook", () => {
  test("tells order, gas, cost and blocks before, and that nothing is left after", () =>
    within(async (chain, journal) => {
      const { plan, calls } = planOf();
      const look = async () =>
        viewOf("anvil", plan, calls, "batches", await outlookOf(connect(chain.rpcUrl, 0), "anvil", plan, calls));
      const before = await look();
      expect(before.summary).toMatch(
        /^anvil at block 0: 5 of 5 contracts to deploy, 2 calls to make, [\d,]+ gas, 0\.\d+ ETH at [\d.]+ gwei, 3 blocks of 60,000,000 gas$/,
      );
      expect(before.lines.map(({ step, name, action, block }) => `${step} ${name} ${action} ${block}`)).toEqual([
        "1 anvil-multicall3 deploy 1",
        "1 anvil-shares deploy 1",
        "2 anvil-treasury-v1 deploy 2",
        "2 anvil-registry deploy 2",
        "3 anvil-treasury deploy 3",
        "4 anvil-register-treasury call null",
        "5 anvil-hand-over call null",
      ]);
      await deployExample(chain, journal);
      for (const call of calls) await make(chain, journal, call);
      expect((await look()).lines.map(({ action }) => action)).toEqual([
        "there",
        "there",
        "there",
        "there",
        "there",
        "done",
        "done",
      ]);
      await rpc(chain, "anvil_setCode", one(plan, "registry").address, concatHex(["0x60", "0x01"]));
      expect((await look()).warnings).toEqual([
        `Another code is at ${one(plan, "registry").address}, where anvil-registry belongs. It will be refused.`,
      ]);
    }));

  test("of a chain that does not answer, or is another one, is that it is unknown; one begun anew is told", () =>
    within(async (chain) => {
      const { plan, calls } = planOf();
      const begin = { type: "chain", chain: "anvil", chainId: 31337, genesisHash: keccak256("0x01"), at: "" } as const;
      expect(await outlookOf(connect(chain.rpcUrl, 0), "anvil", plan, calls, [begin])).toMatchObject({ wiped: true });
      expect(await outlookOf(connect(chain.rpcUrl, 0), "anvil", plan, calls)).toMatchObject({ wiped: false });
      expect(await outlookOf(connect("http://127.0.0.1:9", 0), "anvil", plan, calls)).toEqual({
        chain: "anvil",
        reachable: false,
        reason: expect.stringMatching(/no connection|fetch failed|ECONNREFUSED/) as string,
      });
      const other = plan.map((each) => ({ ...each, chainId: 5 }));
      expect(await outlookOf(connect(chain.rpcUrl, 0), "anvil", other, calls)).toMatchObject({
        reachable: false,
        reason: "The node for anvil answers with chain id 31337 instead of 5.",
      });
    }));
});
