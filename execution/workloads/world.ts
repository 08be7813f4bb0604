import type { Abi } from "viem";
import { encodeAbiParameters, encodeDeployData, encodeFunctionData } from "viem/utils";

import { compileContracts, type Artifact } from "../../contracts/compile";
import { suite } from "../../contracts/suite";
import { projectRoot } from "../../toolchain/paths";
import type { BlockEnvironment } from "../block";
import { SequentialExecutor } from "../sequential";
import { FlatState } from "../state/flat-state";
import { keccak256, rlp } from "../state/hash";
import { fromHex, type Hex, toBytes, toHex } from "../state/hex";
import type { ChainRules } from "../transaction/chain-rules";
import { addressOf, sign } from "./sign";

export const rules: ChainRules = { chainId: 138 };
const chainId = 138n;
/** Chain 138's way to chain 1 in the router (contracts/suite.ts). */
export const otherChain = 5009297550715157269n;
export const POOLS = 100;
const WEI = 10n ** 18n;
const MOST = 2n ** 256n - 1n;

export const environmentAt = (number: number): BlockEnvironment => ({
  number: BigInt(number),
  timestamp: 1_700_000_000n + BigInt(number) * 2n,
  coinbase: "0x00000000000000000000000000000000000000cc",
  gasLimit: 1_000_000_000n,
  baseFeePerGas: 0n,
  prevRandao: `0x${"00".repeat(32)}`,
});

/** A contract that stands in the world. */
export interface Placed {
  readonly address: Hex;
  readonly abi: Abi;
}

/** People with money, and contracts that are set up, before the first block. */
export interface World {
  readonly state: FlatState;
  readonly users: readonly { readonly address: Hex; readonly key: Uint8Array }[];
  readonly contracts: Readonly<Record<string, Placed>>;
  readonly pools: readonly Hex[];
}

/** Where Solidity keeps a mapping's value. */
const slotOf = (key: Hex, slot: bigint | Hex): Hex =>
  toHex(keccak256(fromHex(encodeAbiParameters([{ type: "address" }, { type: "uint256" }], [key, BigInt(slot)]))));

const own = ["Token", "Pool", "Exchange", "Collectible", "Actor", "Position"];
const ownContracts = {
  path: undefined,
  folder: projectRoot,
  contracts: own.map((name) => ({ name, contract: name, source: `execution/workloads/contracts/${name}.sol` })),
};

/** Makes the world: the suite's contracts and the workloads' own, deployed and set up by real transactions. */
export async function createWorld(userCount: number): Promise<World> {
  const artifacts: Readonly<Record<string, Artifact>> = {
    ...compileContracts(undefined, suite).artifacts,
    ...compileContracts(undefined, ownContracts as never).artifacts,
  };
  const state = new FlatState();
  const users = Array.from({ length: userCount }, (_, n) => {
    const key = keccak256(Uint8Array.of(1, n & 255, n >> 8));
    return { key, address: addressOf(key) };
  });
  const owner = { key: keccak256(Uint8Array.of(2)), address: addressOf(keccak256(Uint8Array.of(2))) };
  for (const { address } of [...users, owner]) state.put(address, { balance: 1_000_000n * WEI });

  const setup = new Setup(state, owner, artifacts);
  const weth = await setup.deploy("WETH9");
  const router = await setup.deploy("CCIPRouter", [owner.address, 138n]);
  const bridge = await setup.deploy("CCIPWETH9Bridge", [owner.address, router.address, weth.address]);
  const oracle = await setup.deploy("OracleAggregator", [owner.address, 8, "ETH / USD"]);
  const contracts: Record<string, Placed> = { weth, router, bridge, oracle };
  contracts.token = await setup.deploy("Token");
  contracts.other = await setup.deploy("Token", [], "Token");
  contracts.exchange = await setup.deploy("Exchange");
  contracts.collectible = await setup.deploy("Collectible");
  contracts.actor = await setup.deploy("Actor");
  contracts.position = await setup.deploy("Position");
  await setup.call(router, "setLane", [otherChain, { open: true, baseFee: 0n, feePerByte: 0n }]);
  await setup.call(bridge, "setPeer", [otherChain, bridge.address]);
  const reporter = users[0]?.address ?? owner.address;
  await setup.call(oracle, "grantRole", [toHex(keccak256(new TextEncoder().encode("REPORTER_ROLE"))), reporter]);
  const pools: Placed[] = [];
  for (let n = 0; n < POOLS; n++)
    pools.push(await setup.deploy("Pool", [contracts.token.address, contracts.other.address]));
  fund(state, { users: users.map(({ address }) => address), pools: pools.map(({ address }) => address), contracts });
  for (const pool of pools) await setup.call(pool, "sync", []);
  return { state, users, contracts, pools: pools.map(({ address }) => address) };
}

/** Gives everybody tokens and allowances, in the slots where the contracts keep them. */
function fund(
  state: FlatState,
  given: { users: Hex[]; pools: Hex[]; contracts: Readonly<Record<string, Placed>> },
): void {
  const { users, pools, contracts } = given;
  const at = (name: string): Hex => contracts[name]?.address ?? "0x";
  const storage = new Map<Hex, Map<Hex, bigint>>();
  const put = (contract: Hex, slot: Hex, value: bigint): void => {
    const slots = storage.get(contract) ?? new Map<Hex, bigint>();
    storage.set(contract, slots.set(slot, value));
  };
  for (const token of [at("token"), at("other"), at("weth")]) {
    for (const user of users) put(token, slotOf(user, 0n), 1_000n * WEI);
    for (const pool of pools) put(token, slotOf(pool, 0n), 1_000_000n * WEI);
  }
  for (const user of users) {
    put(at("weth"), slotOf(at("bridge"), slotOf(user, 1n)), MOST);
    for (const token of [at("token"), at("other")]) put(token, slotOf(at("exchange"), slotOf(user, 1n)), MOST);
  }
  const weth = state.account(at("weth"));
  const accounts = new Map(weth === undefined ? [] : [[at("weth"), { ...weth, balance: 10_000_000n * WEI }]]);
  state.apply({ accounts, storage, codes: new Map() });
}

/** Sends the transactions of one account, each in a block of its own. */
class Setup {
  private nonce = 0n;
  private readonly executor: SequentialExecutor;

  constructor(
    state: FlatState,
    private readonly owner: World["users"][number],
    private readonly artifacts: Readonly<Record<string, Artifact>>,
  ) {
    this.executor = new SequentialExecutor({ rules, state });
  }

  async deploy(name: string, args: readonly unknown[] = [], artifactName = name): Promise<Placed> {
    const artifact = this.artifacts[artifactName];
    if (artifact === undefined) throw new Error(`no contract ${artifactName}`);
    const { abi, creationCode: bytecode } = artifact;
    const address = toHex(keccak256(encodedCreation(this.owner.address, this.nonce)).subarray(12));
    await this.send(undefined, encodeDeployData({ abi, bytecode, args }));
    return { address, abi };
  }

  async call({ address, abi }: Placed, functionName: string, args: readonly unknown[]): Promise<void> {
    await this.send(address, encodeFunctionData({ abi, functionName, args }));
  }

  private async send(to: Hex | undefined, data: Hex): Promise<void> {
    const unsigned = { nonce: this.nonce++, gasPrice: 0n, gasLimit: 10_000_000n, to, data };
    const block = { environment: environmentAt(1), transactions: [sign(unsigned, this.owner.key, chainId)] };
    const { outcomes } = await this.executor.execute(block);
    if (outcomes[0]?.succeeded !== true) throw new Error(`setting the world up failed at transaction ${this.nonce}`);
  }
}

const encodedCreation = (from: Hex, nonce: bigint): Uint8Array => rlp([fromHex(from), toBytes(nonce)]);
