import type { Address, Hex } from "viem";
import { getContractAddress } from "viem/utils";

import { accessFromList } from "../../../../execution/analyse/block-access-list";
import { dependenciesOf } from "../../../../execution/analyse/graph";
import { accessFromPrestate } from "../../../../execution/analyse/prestate";
import type {
  RecordedBlock,
  RecordedReceipt,
  RecordedTransaction,
  TracedDiff,
  TracedState,
} from "../../../../execution/analyse/recorded";

const address = (digit: string): Address => `0x${digit.repeat(40)}`;
const [alice, bob, carol, token, miner] = ["1", "2", "3", "c", "f"].map(address) as [
  Address,
  Address,
  Address,
  Address,
  Address,
];

interface Traced {
  readonly transaction: Partial<RecordedTransaction>;
  readonly receipt?: Partial<RecordedReceipt>;
  readonly before?: TracedState;
  readonly diff?: TracedDiff;
}

const recorded = (all: readonly Traced[]): RecordedBlock => ({
  block: {
    ...{ number: "0x7", hash: "0x07", miner, baseFeePerGas: "0x2" },
    transactions: all.map(({ transaction }, i) => ({ hash: `0x${i}` as Hex, from: alice, ...transaction })),
  },
  receipts: all.map(({ receipt }, i) => ({ transactionHash: `0x${i}` as Hex, gasUsed: "0x5208", ...receipt })),
  prestate: all.map(({ before = {} }) => before),
  diff: all.map(({ diff = { pre: {}, post: {} } }) => diff),
});

const waits = (block: RecordedBlock) =>
  dependenciesOf(accessFromPrestate(block).transactions).map((needed) => needed.map(({ on }) => on));

describe("transactions of which the tracer tells nothing (Besu 26.4, plain transfers)", () => {
  const transfer = (from: Address, to: Address): Traced => ({
    transaction: { from, to, value: "0x5", gas: "0x5208", gasPrice: "0x3" },
    receipt: { effectiveGasPrice: "0x3" },
  });

  it("pay and receive by the protocol: credits, and the fees of one receiver, keep nobody waiting", () => {
    expect(waits(recorded([transfer(alice, carol), transfer(bob, carol), transfer(carol, alice)]))).toEqual([
      [],
      [],
      [],
    ]);
    const { transactions, caveats } = accessFromPrestate(recorded([transfer(alice, carol)]));
    expect([...(transactions[0]?.adds ?? [])].sort()).toEqual(
      [alice, carol, miner].map((one) => `balance:${one}`).sort(),
    );
    expect(caveats).toEqual([expect.stringContaining("taken to have had enough")]);
  });

  it("wait for the sender's transaction before", () => {
    expect(waits(recorded([transfer(alice, bob), transfer(bob, carol), transfer(alice, carol)]))).toEqual([
      [],
      [],
      [0],
    ]);
  });
});

describe("balances", () => {
  const pays = (wei: Hex): Traced => ({
    transaction: { from: bob, to: carol, value: wei },
    before: { [bob]: { balance: "0xa" }, [carol]: { balance: "0x1" } },
    diff: {
      pre: { [bob]: { balance: "0xa" }, [carol]: { balance: "0x1" } },
      post: { [bob]: { balance: "0x0", nonce: 1 }, [carol]: { balance: "0xb" } },
    },
  });
  const receives: Traced = {
    transaction: { from: alice, to: bob, value: "0x7" },
    before: { [alice]: { balance: "0xff" }, [bob]: { balance: "0x3" } },
    diff: {
      pre: { [alice]: { balance: "0xff" }, [bob]: { balance: "0x3" } },
      post: { [alice]: { balance: "0xf8", nonce: 1 }, [bob]: { balance: "0xa" } },
    },
  };

  it("that had not been enough without an earlier payment wait for it", () => {
    expect(waits(recorded([receives, pays("0xa")]))).toEqual([[], [0]]);
  });
});

describe("contracts", () => {
  const code: Hex = "0x5f5400";
  it("that are made in the block keep their callers waiting, and those made by a nonce wait for the one before", () => {
    const made = [1n, 2n].map((nonce) => getContractAddress({ from: token, nonce }));
    const creates = (index: number, from: Address): Traced => ({
      transaction: { from, to: token },
      before: { [token]: { code, nonce: 1 + index } },
      diff: {
        pre: { [token]: { code, nonce: 1 + index } },
        post: { [token]: { nonce: 2 + index }, [made[index]!.toLowerCase()]: { code, nonce: 1 } },
      },
    });
    const calls: Traced = { transaction: { from: carol, to: made[0] }, before: { [made[0]!]: { code, nonce: 1 } } };
    expect(waits(recorded([creates(0, alice), creates(1, bob), calls]))).toEqual([[], [0], [0]]);
  });

  it("that are gone keep their callers waiting", () => {
    const gone: Traced = {
      transaction: { from: alice, to: token },
      before: { [token]: { code, balance: "0x1" } },
      diff: { pre: { [token]: { code, balance: "0x1" } }, post: { [alice]: { nonce: 1 } } },
    };
    const calls: Traced = { transaction: { from: bob, to: token } };
    expect(waits(recorded([gone, calls]))[1]).toContain(0);
  });

  it("use the slots that their instructions tell where the tracer tells none", () => {
    const call = (from: Address): Traced => ({ transaction: { from, to: token }, before: { [token]: { code } } });
    const block = recorded([call(alice), call(bob), call(carol)]);
    const [zero, one] = [{ [token]: ["0x0"] }, { [token]: [`0x${"0".repeat(63)}1`] }];
    const slots = [
      { read: zero, written: zero },
      { read: one, written: one },
      { read: { [token]: ["0x00"] }, written: {} },
    ];
    expect(waits({ ...block, slots })).toEqual([[], [], [0]]);
    expect(accessFromPrestate({ ...block, slots: [null, null, null] }).caveats).toEqual([
      "the node tells no storage of 3 transactions whose code may use some",
    ]);
  });
});

test("a block access list tells who wrote what, and says what it does not tell", () => {
  const block = recorded([
    { transaction: { from: alice } },
    { transaction: { from: bob } },
    { transaction: { from: carol } },
  ]);
  const accessList = {
    accountChanges: [
      {
        address: token,
        storageChanges: [{ slot: "0x1", changes: [{ txIndex: 1 }, { txIndex: 3 }] }],
        balanceChanges: [{ txIndex: 1 }, { txIndex: 2 }],
      },
    ],
  };
  const access = accessFromList({ ...block, accessList });
  expect(dependenciesOf(access.transactions).map((needed) => needed.map(({ on }) => on))).toEqual([[], [], [0]]);
  expect(access.caveats).toEqual([expect.stringContaining("does not say who read")]);
});
