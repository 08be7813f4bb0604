import type { Address, Hex } from "viem";
import * as fc from "fast-check";
import { numberToHex, pad } from "viem/utils";

import type { RecordedBlock, TracedAccount, TracedDiff, TracedState } from "../../../../execution/analyse/recorded";

/** A machine of its own with storage, balances and nonces, which knows nothing of access sets: it runs, and is watched. */
export interface World {
  readonly balances: Map<string, bigint>;
  readonly nonces: Map<string, number>;
  /** By account and slot. */
  readonly slots: Map<string, bigint>;
}

export type Step =
  /** slot of a contract := another slot of a contract + a number */
  | { readonly kind: "copy"; readonly from: Slot; readonly to: Slot; readonly plus: bigint }
  | { readonly kind: "read"; readonly from: Slot }
  /** a contract pays; without enough, all of the transaction is undone */
  | { readonly kind: "pay"; readonly payer: number; readonly payee: number; readonly wei: bigint }
  /** slot := balance of any account */
  | { readonly kind: "look"; readonly at: number; readonly to: Slot };

interface Slot {
  readonly contract: number;
  readonly slot: number;
}

export interface ToyTransaction {
  readonly sender: number;
  readonly value: bigint;
  /** The contract that is called. */
  readonly contract: number;
  readonly steps: readonly Step[];
}

const CONTRACTS = 3;
const SENDERS = 3;
const CODE: Hex = "0x00";

export const contractAt = (index: number): Address => `0x${"c".repeat(38)}${String(index).padStart(2, "0")}`;
export const senderAt = (index: number): Address => `0x${"a".repeat(38)}${String(index).padStart(2, "0")}`;
export const miner: Address = `0x${"f".repeat(40)}`;

const accountAt = (index: number): Address => (index < CONTRACTS ? contractAt(index) : senderAt(index - CONTRACTS));
const keyOf = ({ contract, slot }: Slot): string => `${contractAt(contract)}/${slot}`;
const slotHex = (slot: number): Hex => pad(numberToHex(slot), { size: 32 });

/** What a transaction did, apart from where it began: the same whatever others did that it does not depend on. */
export interface Effect {
  readonly succeeded: boolean;
  readonly deltas: ReadonlyMap<string, bigint>;
  readonly written: ReadonlyMap<string, bigint>;
  readonly looked: boolean;
  /** Whether a contract could not pay, or paid more in between than in the end: no tracer of states tells either. */
  readonly hidden: boolean;
  readonly touched: ReadonlySet<string>;
  readonly touchedSlots: ReadonlySet<string>;
}

/** Runs a transaction against a world without changing it. */
export function run(world: World, { sender, value, contract, steps }: ToyTransaction): Effect {
  const from = senderAt(sender);
  const to = contractAt(contract);
  const touched = new Set<string>([from, to]);
  const touchedSlots = new Set<string>();
  const deltas = new Map<string, bigint>();
  const written = new Map<string, bigint>();
  let looked = false;
  let hidden = false;
  const lowest = new Map<string, bigint>();
  const balance = (address: string) => (world.balances.get(address) ?? 0n) + (deltas.get(address) ?? 0n);
  const load = (slot: Slot): bigint => {
    touched.add(contractAt(slot.contract));
    touchedSlots.add(keyOf(slot));
    return written.get(keyOf(slot)) ?? world.slots.get(keyOf(slot)) ?? 0n;
  };
  const store = (slot: Slot, word: bigint) => {
    load(slot);
    written.set(keyOf(slot), word);
  };
  const pay = (payer: string, payee: string, wei: bigint): boolean => {
    touched.add(payer).add(payee);
    if (balance(payer) < wei) return false;
    const left = (deltas.get(payer) ?? 0n) - wei;
    deltas.set(payer, left);
    if (left < (lowest.get(payer) ?? 0n)) lowest.set(payer, left);
    deltas.set(payee, (deltas.get(payee) ?? 0n) + wei);
    return true;
  };
  let succeeded = pay(from, to, value);
  for (const step of succeeded ? steps : []) {
    if (step.kind === "copy") store(step.to, load(step.from) + step.plus);
    if (step.kind === "read") load(step.from);
    if (step.kind === "pay") succeeded &&= pay(contractAt(step.payer), accountAt(step.payee), step.wei);
    if (step.kind === "look") {
      looked = true;
      touched.add(accountAt(step.at));
      store(step.to, balance(accountAt(step.at)));
    }
    if (!succeeded) break;
  }
  for (const [payer, low] of lowest) {
    const end = deltas.get(payer) ?? 0n;
    if (low < (end < 0n ? end : 0n)) hidden = true;
  }
  if (!succeeded) {
    hidden = true;
    deltas.clear();
    written.clear();
  }
  return { succeeded, deltas, written, looked, hidden, touched, touchedSlots };
}

/** Lets an effect happen. */
export function apply(world: World, { sender }: ToyTransaction, effect: Effect): void {
  for (const [address, delta] of effect.deltas)
    world.balances.set(address, (world.balances.get(address) ?? 0n) + delta);
  for (const [slot, word] of effect.written) world.slots.set(slot, word);
  world.nonces.set(senderAt(sender), (world.nonces.get(senderAt(sender)) ?? 0) + 1);
}

export const copyOf = ({ balances, nonces, slots }: World): World => ({
  balances: new Map(balances),
  nonces: new Map(nonces),
  slots: new Map(slots),
});

const hashOf = (index: number): Hex => pad(numberToHex(index + 1), { size: 32 });

/** Runs a block one after the other, and records what prestateTracer would have said in both modes. */
export function record(start: World, transactions: readonly ToyTransaction[]): RecordedBlock {
  const world = copyOf(start);
  const prestate: TracedState[] = [];
  const diff: TracedDiff[] = [];
  const balanceReads: ("any" | "none")[] = [];
  for (const transaction of transactions) {
    const effect = run(world, transaction);
    const seen = (address: string, slots: Iterable<string>): TracedAccount => ({
      balance: numberToHex(world.balances.get(address) ?? 0n),
      nonce: world.nonces.get(address) ?? 0,
      ...(address.startsWith("0xc") && { code: CODE }),
      storage: storageOf(address, slots, world.slots),
    });
    const before = Object.fromEntries([...effect.touched].map((at) => [at, seen(at, effect.touchedSlots)]));
    const old = copyOf(world);
    apply(world, transaction, effect);
    const changed = [...effect.touched].filter(
      (at) =>
        old.balances.get(at) !== world.balances.get(at) ||
        old.nonces.get(at) !== world.nonces.get(at) ||
        changedSlots(at, effect, old).length > 0,
    );
    prestate.push(before);
    diff.push({
      pre: Object.fromEntries(
        changed.map((at) => [at, { ...before[at], storage: storageOf(at, changedSlots(at, effect, old), old.slots) }]),
      ),
      post: Object.fromEntries(
        changed.map((at) => [
          at,
          {
            ...(old.balances.get(at) !== world.balances.get(at) && {
              balance: numberToHex(world.balances.get(at) ?? 0n),
            }),
            ...(old.nonces.get(at) !== world.nonces.get(at) && { nonce: world.nonces.get(at) }),
            storage: storageOf(at, changedSlots(at, effect, old), world.slots),
          },
        ]),
      ),
    });
    balanceReads.push(effect.looked || effect.hidden ? "any" : "none");
  }
  return {
    block: {
      number: "0x1",
      hash: hashOf(1000),
      miner,
      transactions: transactions.map(({ sender, contract, value }, index) => ({
        ...{ hash: hashOf(index), from: senderAt(sender), to: contractAt(contract), value: numberToHex(value) },
        ...{ gas: "0x5208", gasPrice: "0x0", input: "0x" },
      })),
    },
    receipts: transactions.map((_, index) => ({ transactionHash: hashOf(index), gasUsed: "0x5208" })),
    ...{ prestate, diff, balanceReads },
  };
}

const changedSlots = (address: string, { written }: Effect, old: World): string[] =>
  [...written].flatMap(([slot, word]) =>
    slot.startsWith(`${address}/`) && (old.slots.get(slot) ?? 0n) !== word ? slot : [],
  );

const storageOf = (address: string, slots: Iterable<string>, values: ReadonlyMap<string, bigint>) =>
  Object.fromEntries(
    [...slots]
      .filter((slot) => slot.startsWith(`${address}/`))
      .map((slot) => [slotHex(Number(slot.split("/")[1])), pad(numberToHex(values.get(slot) ?? 0n), { size: 32 })]),
  );

const slot = fc.record({ contract: fc.nat(CONTRACTS - 1), slot: fc.nat(2) });
const wei = fc.bigInt(0n, 5n);
const account = fc.nat(CONTRACTS + SENDERS - 1);

export const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant("copy" as const), from: slot, to: slot, plus: fc.bigInt(0n, 3n) }),
  fc.record({ kind: fc.constant("read" as const), from: slot }),
  fc.record({ kind: fc.constant("pay" as const), payer: fc.nat(CONTRACTS - 1), payee: account, wei }),
  fc.record({ kind: fc.constant("look" as const), at: account, to: slot }),
);

export const toyTransaction: fc.Arbitrary<ToyTransaction> = fc.record({
  sender: fc.nat(SENDERS - 1),
  value: wei,
  contract: fc.nat(CONTRACTS - 1),
  steps: fc.array(step, { maxLength: 4 }),
});

/** A world in which money is scarce, so that it matters who was paid before. */
export const world: fc.Arbitrary<World> = fc
  .array(fc.bigInt(0n, 12n), { minLength: CONTRACTS + SENDERS, maxLength: CONTRACTS + SENDERS })
  .map((all) => ({
    balances: new Map(all.map((balance, index) => [accountAt(index), balance])),
    nonces: new Map(),
    slots: new Map(),
  }));
