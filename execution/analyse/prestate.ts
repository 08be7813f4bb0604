import type { Address, Hex } from "viem";
import { getContractAddress, pad } from "viem/utils";

import { type BlockAccess, fieldOf, type Place, slotOf, type TransactionAccess } from "./access";
import { BlockBalances } from "./balances";
import { type BalanceReads, codeScanner } from "./code-scan";
import type { ExecutedSlots, Slots } from "./instructions";
import type { RecordedBlock, RecordedReceipt, RecordedTransaction, TracedAccount, TracedState } from "./recorded";

/** Words kept of a transaction for naming slots: a longer call than any of the suite's, shorter than a batch's data. */
const MOST_WORDS = 96;

/** Creations by one account in one transaction that are recognised as CREATE; more are taken for CREATE too. */
const MOST_CREATIONS = 256;

/**
 * The access sets of a block whose transactions were traced by prestateTracer in both modes: without `diffMode` it tells
 * all that was touched, with it what changed. What was touched was read; what changed was written as well, since the
 * price of SSTORE depends on the value before. A write that changes nothing is none.
 *
 * What every transaction does by the protocol is known without a trace (Besu 26.4 answers with nothing for a plain
 * transfer): the sender's nonce is read and set, fee and value are paid and received. Nobody reads the fee receiver's
 * balance by being in its block.
 */
export function accessFromPrestate(recorded: RecordedBlock): BlockAccess {
  const { block, receipts, prestate = [], diff = [], balanceReads = [], slots = [] } = recorded;
  const balances = new BlockBalances();
  const scan = codeScanner();
  let untold = 0;
  let withoutStorage = 0;
  const transactions = block.transactions.map((transaction, index): TransactionAccess => {
    const traced = tracedOf(prestate[index] ?? {}, diff[index] ?? { pre: {}, post: {} });
    const codes = [...traced.accounts.values()].flatMap(({ before, after }) => [before?.code ?? [], after?.code ?? []]);
    const input = transaction.to == null ? [transaction.input ?? "0x"] : [];
    const told = balanceReads[index];
    if (told == null && scan([...codes.flat(), ...input]).balances !== "none") untold += 1;
    const looked = told ?? "none";
    if (slots[index] === null) withoutStorage += 1;
    const facts = {
      slots: slots[index] ?? undefined,
      transaction,
      receipt: receipts[index],
      looked,
      feeReceiver: lower(block.miner),
    };
    return accessOf(index, facts, traced, balances, BigInt(block.baseFeePerGas ?? "0x0"));
  });
  return {
    number: Number(block.number),
    hash: block.hash,
    transactions,
    caveats: [
      ...(untold === 0
        ? []
        : [
            `${untold} transactions may look at balances by their code, and the node does not tell; they are taken not to`,
          ]),
      ...(withoutStorage === 0
        ? []
        : [`the node tells no storage of ${withoutStorage} transactions whose code may use some`]),
      ...(balances.assumed.size === 0
        ? []
        : [`what ${balances.assumed.size} accounts had is not told: they are taken to have had enough`]),
    ],
  };
}

interface SeenAccount {
  readonly before: TracedAccount | undefined;
  /** What changed. */
  readonly after: TracedAccount | undefined;
  readonly destroyed: boolean;
  readonly touchedSlots: readonly string[];
  readonly changedSlots: readonly string[];
}

interface Traced {
  /** By address in lower case. */
  readonly accounts: ReadonlyMap<string, SeenAccount>;
  /** Whether the tracer told anything. */
  readonly told: boolean;
}

const lower = (address: string): string => address.toLowerCase();

const lowered = (state: TracedState): Map<string, TracedAccount> =>
  new Map(Object.entries(state).map(([address, account]) => [lower(address), account]));

const hasCode = (account: TracedAccount | undefined): boolean => (account?.code ?? "0x") !== "0x";

function tracedOf(prestate: TracedState, diff: { readonly pre: TracedState; readonly post: TracedState }): Traced {
  const [all, pre, post] = [lowered(prestate), lowered(diff.pre), lowered(diff.post)];
  const addresses = new Set([...all.keys(), ...pre.keys(), ...post.keys()]);
  const accounts = [...addresses].map((address): [string, SeenAccount] => {
    const [old, after] = [pre.get(address), post.get(address)];
    const before = all.get(address) ?? old;
    const changedSlots = [...Object.keys(old?.storage ?? {}), ...Object.keys(after?.storage ?? {})];
    return [
      address,
      {
        before,
        after,
        // Only a contract can go: an account without code that is in `pre` alone was empty before and after.
        destroyed: old !== undefined && after === undefined && hasCode(before),
        touchedSlots: [...Object.keys(all.get(address)?.storage ?? {}), ...changedSlots],
        changedSlots,
      },
    ];
  });
  return { accounts: new Map(accounts), told: addresses.size > 0 };
}

interface Facts {
  readonly transaction: RecordedTransaction;
  readonly receipt: RecordedReceipt | undefined;
  readonly looked: BalanceReads;
  readonly feeReceiver: string;
  readonly slots: ExecutedSlots | undefined;
}

function accessOf(
  index: number,
  { transaction, receipt, looked, feeReceiver, slots }: Facts,
  { accounts, told }: Traced,
  balances: BlockBalances,
  baseFee: bigint,
): TransactionAccess {
  const [reads, writes, adds] = [new Set<Place>(), new Set<Place>(), new Set<Place>()];
  const from = lower(transaction.from);
  const to = transaction.to == null ? undefined : lower(transaction.to);
  const own = (address: string) => address === from || address === to;
  const needed = upFront(transaction);
  const gas = Number(receipt?.gasUsed ?? "0x0");
  const untraced = told ? new Map<string, bigint>() : protocolDeltas(transaction, receipt, feeReceiver, baseFee);
  const creations = [...accounts].filter(([, { before, after }]) => hasCode(after) && !hasCode(before));

  for (const address of new Set([from, ...(to === undefined ? [] : [to]), ...accounts.keys(), ...untraced.keys()])) {
    const account = accounts.get(address);
    const { before, after, destroyed = false } = account ?? {};
    balances.see(address, startOf(before, told));
    const onlyFees = address === feeReceiver && !own(address);

    if (!onlyFees) reads.add(fieldOf("code", address));
    const changedCode = after?.code !== undefined && after.code !== (before?.code ?? "0x");
    if (destroyed || changedCode) writes.add(fieldOf("code", address));

    const delta = account === undefined ? (untraced.get(address) ?? 0n) : deltaOf(before, after, destroyed);
    const effect = balances.effectOf({
      address,
      delta,
      needed: address === from ? needed : 0n,
      lookedAt: destroyed || (!onlyFees && (looked === "any" || (looked === "own" && hasCode(after ?? before)))),
      byCall: !own(address) && address !== feeReceiver,
    });
    if (effect.reads) reads.add(fieldOf("balance", address));
    if (effect.sets) writes.add(fieldOf("balance", address));
    if (effect.adds) adds.add(fieldOf("balance", address));

    const nonce = fieldOf("nonce", address);
    if (address === from) {
      reads.add(nonce);
      writes.add(nonce);
    } else if (destroyed) writes.add(nonce);
    else if (after?.nonce !== undefined) {
      const authorised = (transaction.authorizationList ?? []).length > 0;
      if (!hasCode(before) && !authorised) writes.add(nonce);
      else if (!authorised && !createdByNonce(address, before, after, creations)) adds.add(nonce);
      else {
        reads.add(nonce);
        writes.add(nonce);
      }
    }

    for (const slot of account?.touchedSlots ?? []) reads.add(slotOf(address, slot));
    for (const slot of account?.changedSlots ?? []) writes.add(slotOf(address, slot));
  }
  addSlots(reads, slots?.read);
  addSlots(reads, slots?.written);
  addSlots(writes, slots?.written);
  return {
    ...{ index, hash: transaction.hash, from: from as Address, to: to as Address | undefined, gas },
    ...{ reads, writes, adds },
    words: wordsOf(transaction, accounts.keys()),
  };
}

function addSlots(places: Set<Place>, slots: Slots = {}): void {
  for (const [address, all] of Object.entries(slots)) for (const slot of all) places.add(slotOf(address, slot));
}

/** An account that a tracer knows nothing of, though it told of others, was not there. */
function startOf(before: TracedAccount | undefined, told: boolean) {
  if (before === undefined) return told ? { balance: 0n, existed: false } : { balance: undefined, existed: undefined };
  const balance = BigInt(before.balance ?? "0x0");
  return { balance, existed: balance > 0n || Number(before.nonce ?? 0) > 0 || hasCode(before) };
}

function deltaOf(before: TracedAccount | undefined, after: TracedAccount | undefined, destroyed: boolean): bigint {
  const old = BigInt(before?.balance ?? "0x0");
  if (destroyed) return -old;
  return after?.balance === undefined ? 0n : BigInt(after.balance) - old;
}

/** What the sender must have: the most that the gas may cost, and the value. */
const upFront = ({ gas = "0x0", gasPrice = "0x0", maxFeePerGas, value = "0x0" }: RecordedTransaction): bigint =>
  BigInt(gas) * BigInt(maxFeePerGas ?? gasPrice) + BigInt(value);

/** What a transaction without a trace pays and receives by the protocol. */
function protocolDeltas(
  { from, to, value = "0x0", gasPrice = "0x0" }: RecordedTransaction,
  receipt: RecordedReceipt | undefined,
  feeReceiver: string,
  baseFee: bigint,
): Map<string, bigint> {
  const deltas = new Map<string, bigint>();
  const add = (address: string, wei: bigint) => deltas.set(lower(address), (deltas.get(lower(address)) ?? 0n) + wei);
  const gas = BigInt(receipt?.gasUsed ?? "0x0");
  const price = BigInt(receipt?.effectiveGasPrice ?? gasPrice);
  const sent = receipt?.status === "0x0" ? 0n : BigInt(value);
  add(from, -sent - gas * price);
  if (to != null) add(to, sent);
  add(feeReceiver, price > baseFee ? gas * (price - baseFee) : 0n);
  return deltas;
}

/**
 * Whether a contract has made others whose addresses come from its nonce (CREATE). Those of CREATE2 do not, so that its
 * nonce is only counted up.
 */
function createdByNonce(
  creator: string,
  before: TracedAccount | undefined,
  after: TracedAccount,
  creations: readonly (readonly [string, unknown])[],
): boolean {
  const [first, end] = [Number(before?.nonce ?? 0), Number(after.nonce ?? 0)];
  if (end - first > MOST_CREATIONS) return true;
  const created = new Set(creations.map(([address]) => address));
  for (let nonce = first; nonce < end; nonce++) {
    const made = getContractAddress({ from: creator as Address, nonce: BigInt(nonce) });
    if (created.has(lower(made))) return true;
  }
  // A creation that failed leaves its nonce behind, and nobody can tell of which kind it was.
  return created.size === 0;
}

function wordsOf({ from, to, input = "0x" }: RecordedTransaction, touched: Iterable<string>): Hex[] {
  const addresses = new Set([lower(from), ...(to == null ? [] : [lower(to)]), ...touched]);
  const data = input.slice(2);
  const body = data.length % 64 === 8 ? data.slice(8) : data;
  const words = body.match(/[0-9a-fA-F]{64}/g) ?? [];
  const all = [
    ...[...addresses].map((address) => pad(address as Hex, { size: 32 })),
    ...words.slice(0, MOST_WORDS).map((word): Hex => `0x${word.toLowerCase()}`),
  ];
  return [...new Set(all)].slice(0, MOST_WORDS);
}
