import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { createWalletClient, http } from "viem";
import { privateKeyToAccount } from "viem/accounts";

import { CREATE2_FACTORY_ADDRESS, CREATE2_FACTORY_CODE } from "../../besu/genesis";
import { introduce, pendingVotes, validatorSet, voteOn, votesNeeded } from "../../besu/membership";
import { changeMembership, type MembershipSide } from "../../operations/membership/change";
import { rpcValidators } from "../../operations/regions/validators";
import { quorum } from "../../regions/quorum";
import { jsonRpc } from "../../operations/json-rpc";
import { pidOf } from "../../operations/local-node";
import type { LocalNode } from "../../operations/local-plan";
import { contractsOf, deployAll } from "../chain/support/programs";
import { describeTier } from "../support/tier";
import { administer, localAdmin } from "./support/admin";
import { headOf, secondsToAdvance, startNetwork, type TestNetwork } from "./support/network";

jest.setTimeout(400_000);

const validators = 4;
/** f: what may fail while a quorum of ceil(2N/3) is left. */
const faults = validators - quorum(validators);

describeTier("besu", "a QBFT network of real Besu processes with the generated genesis, keys, peers and flags", () => {
  let network: TestNetwork;
  let first: LocalNode;
  beforeAll(async () => {
    network = await startNetwork(validators);
    first = network.nodes[0]!;
  });
  afterAll(() => network.close());

  /** The nodes that are stopped in a test: never the one that is asked. */
  const others = (count: number): LocalNode[] => network.nodes.slice(1, 1 + count);

  test("blocks advance, and every validator has all others as peers", async () => {
    expect(await secondsToAdvance(first, 5, 60)).toBeDefined();
    const peers = await Promise.all(network.nodes.map(({ rpcUrl }) => jsonRpc(rpcUrl, "net_peerCount")));
    expect(peers.map(Number)).toEqual(network.nodes.map(() => validators - 1));
  });

  test("the chain is that of the genesis: its id, its validators' 1 wei, its factory", async () => {
    expect(Number(await jsonRpc(first.rpcUrl, "eth_chainId"))).toBe(138);
    const balances = network.nodes.map(({ address }) => jsonRpc(first.rpcUrl, "eth_getBalance", address, "0x0"));
    expect(await Promise.all(balances)).toEqual(network.nodes.map(() => "0x1"));
    const code = await jsonRpc(first.rpcUrl, "eth_getCode", CREATE2_FACTORY_ADDRESS, "latest");
    expect(code).toBe(CREATE2_FACTORY_CODE);
  });

  test("the nine contracts deploy", async () => {
    const journal = mkdtempSync(join(tmpdir(), "meridian-besu-journal-"));
    try {
      const nobody = { port: 0, pid: 0, ended: Promise.resolve(), close: () => Promise.resolve() };
      const runs = await deployAll({ chain: { name: "chain138", rpcUrl: first.rpcUrl, ...nobody }, journal });
      expect(runs.map(({ code, stderr }) => (code === 0 ? "" : stderr))).toEqual(runs.map(() => ""));
      expect(runs).toHaveLength(9);
      for (const { result } of runs) {
        expect(await jsonRpc(first.rpcUrl, "eth_getCode", result.address, "latest")).toMatch(/^0x[0-9a-f]{20}/);
      }
      expect(contractsOf("chain138")).toHaveLength(9);
    } finally {
      rmSync(journal, { recursive: true, force: true });
    }
  });

  test(`with ${faults} of ${validators} stopped it advances`, async () => {
    for (const node of others(faults)) await network.stop(node);
    expect(await secondsToAdvance(first, 4, 90)).toBeDefined();
  });

  test(`with ${faults + 1} of ${validators} stopped it halts, and restarted together it resumes where it was`, async () => {
    for (const node of others(faults + 1)) await network.stop(node);
    // What was on its way when the quorum was lost may still come.
    await secondsToAdvance(first, 2, 4);
    const halted = await headOf(first);
    expect(await secondsToAdvance(first, 1, 8)).toBeUndefined();

    // A node that waited is at a late round, one that starts at round 0: restarting all together is the quick way.
    await Promise.all(network.nodes.map(network.stop));
    await Promise.all(network.nodes.map(network.start));
    await whenItAnswers(first);
    expect(await headOf(first)).toBeGreaterThanOrEqual(halted);
    expect(await secondsToAdvance(first, 3, 150)).toBeDefined();
  });

  test("a fifth validator is admitted, makes blocks, and is dismissed: no other restarts, the genesis stays", async () => {
    const living = network.nodes;
    const pids = living.map(pidOf);
    const genesis = await jsonRpc<{ hash: string }>(first.rpcUrl, "eth_getBlockByNumber", "0x0", false);
    const joining = await network.join();
    await whenItAnswers(joining);
    const side = sideOf([...living, joining]);
    const options = { timeoutMs: 120_000, pollMs: 500 };

    // Nobody has it in a list that was read: it finds them, and they are told of it over their private ports.
    const [admitted] = await changeMembership(side, "admit", ["koreacentral/0"], options);
    const [giver] = network.keys;
    const wallet = createWalletClient({ account: privateKeyToAccount(giver!), transport: http(first.rpcUrl) });
    await wallet.sendTransaction({ to: joining.address, value: 1n, gas: 21_000n, gasPrice: 0n, chain: null });
    expect(admitted).toMatchObject({ address: joining.address, before: validators, after: validators + 1, untold: [] });
    expect(admitted?.voters).toHaveLength(votesNeeded(validators));

    expect(await validatorsOf(first)).toHaveLength(validators + 1);
    expect(await jsonRpc(joining.rpcUrl, "eth_getBlockByNumber", "0x0", false)).toMatchObject({ hash: genesis.hash });
    const proposers = async () =>
      (await jsonRpc<{ miner: string }>(first.rpcUrl, "eth_getBlockByNumber", "latest", false)).miner;
    expect(await within(60, async () => (await proposers()) === joining.address)).toBe(true);
    expect(await secondsToAdvance(joining, validators + 1, 60)).toBeDefined();
    expect(await jsonRpc(joining.rpcUrl, "eth_getBalance", joining.address, "latest")).toBe("0x1");

    const [dismissed] = await changeMembership(side, "dismiss", ["koreacentral/0"], options);
    expect(dismissed).toMatchObject({ before: validators + 1, after: validators, untold: [] });
    expect(await validatorsOf(first)).toHaveLength(validators);
    // Votes that stood would bring it back, or put it out again.
    const standing = await Promise.all(living.map((node) => administer(node, pendingVotes)));
    expect(standing).toEqual(living.map(() => [{}]));
    await network.stop(joining);
    expect(await secondsToAdvance(first, 2 * validators, 60)).toBeDefined();
    expect(await validatorsOf(first)).not.toContain(joining.address);
    expect(living.map(pidOf)).toEqual(pids);
  });

  test("the private port is on 127.0.0.1 alone, though the environment says otherwise as in Besu's image", async () => {
    expect(process.env.BESU_RPC_WS_HOST).toBe("0.0.0.0");
    const { admin } = first.ports;
    expect([await listensAt("127.0.0.1", admin), await listensAt("127.0.0.2", admin)]).toEqual([true, false]);
  });

  test("over HTTP, where applications are, nobody can vote or add peers", async () => {
    const [vote, peer] = [voteOn(first.address, "remove"), introduce(first.enode)];
    for (const { method, params } of [vote, peer]) {
      await expect(jsonRpc(first.rpcUrl, method, ...params)).rejects.toThrow(/not (enabled|found)/i);
    }
  });
});

/** Whether something listens at this address of the machine. */
const listensAt = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host, port }, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });

async function whenItAnswers(node: LocalNode): Promise<void> {
  const answered = await within(180, async () => (await headOf(node)) >= 0);
  if (!answered) throw new Error(`${node.name} does not answer within 180 s of its start.`);
}

const validatorsOf = async (node: LocalNode): Promise<readonly string[]> => {
  const [addresses] = await administer(node, validatorSet);
  return addresses as string[];
};

/** As if each node were in a region of its own. */
function sideOf(nodes: readonly LocalNode[]): MembershipSide {
  const regions = ["japaneast", "uksouth", "eastus", "brazilsouth", "koreacentral"];
  const all = nodes.map(({ rpcUrl }, i) => ({ region: regions[i] ?? "", ordinal: 0, url: rpcUrl }));
  const admin = localAdmin((region) => nodes[regions.indexOf(region)]!);
  return { admin, validators: rpcValidators, all, allowSingleRegionHalt: false };
}

/** Whether it becomes true in time; a node that is busy and answers late is asked again. */
async function within(seconds: number, check: () => Promise<boolean>): Promise<boolean> {
  for (let attempt = 0; attempt < seconds * 4; attempt++) {
    if (await check().catch(() => false)) return true;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  return false;
}
