import { createEOACode7702Tx, createFeeMarket1559Tx, createLegacyTx } from "@ethereumjs/tx";
import { createAddressFromString, eoaCode7702SignAuthorization, privateToAddress } from "@ethereumjs/util";

import type { BlockEnvironment, BlockInput } from "../../../../execution/block";
import { FlatState } from "../../../../execution/state/flat-state";
import { fromHex, type Hex, toHex } from "../../../../execution/state/hex";
import { commonOf } from "../../../../execution/transaction/chain-rules";
import { assemble, deploying, storing } from "./assembler";

export const rules = { chainId: 138, hardfork: "prague" } as const;
const common = commonOf(rules);

export const coinbase: Hex = "0x00000000000000000000000000000000000000cc";
export const environment: BlockEnvironment = {
  number: 7n,
  timestamp: 1_700_000_000n,
  coinbase,
  gasLimit: 100_000_000n,
  baseFeePerGas: 7n,
  prevRandao: `0x${"00".repeat(32)}`,
};

const keys = Array.from({ length: 8 }, (_, n) => new Uint8Array(32).fill(n + 1));
/** Accounts with a key and 100 ether. */
export const people: readonly Hex[] = keys.map((key) => toHex(privateToAddress(key)));

const at = (n: number): Hex => `0x${n.toString(16).padStart(40, "0")}`;
const counting = "SLOAD 0x01 ADD";
const child = assemble(`0x00 ${counting} 0x00 SSTORE`);
const childInit = deploying(child);
const suicidal = assemble("0x2a 0x00 SSTORE 0x00 CALLDATALOAD SELFDESTRUCT");
/** Destroys what it has just made; the beneficiary is the block's coinbase. */
const dyingInit = assemble("0x2a 0x00 SSTORE COINBASE SELFDESTRUCT");
const size = (code: Uint8Array): string => `0x${code.length.toString(16).padStart(2, "0")}`;
const sha256 = "0x20 0x00 0x20 0x00 0x02 0xffff STATICCALL POP 0x00 MLOAD";

const sources = {
  /** slot[a] = slot[a] + 1 */
  counter: `0x00 CALLDATALOAD DUP1 ${counting} SWAP1 SSTORE`,
  /** slot[a] = slot[b] + 1 */
  copier: `0x20 CALLDATALOAD ${counting} 0x00 CALLDATALOAD SSTORE`,
  /** Pays b wei of its own to a. */
  payer: "0x00 0x00 0x00 0x00 0x20 CALLDATALOAD 0x00 CALLDATALOAD GAS CALL 0x00 SSTORE",
  /** slot[0] = balance of a */
  balances: "0x00 CALLDATALOAD BALANCE 0x00 SSTORE",
  /** slot[0] = balance of the block's coinbase */
  fees: "COINBASE BALANCE 0x00 SSTORE",
  /** slot[a] = hash of a's code, slot[a + 1] = its size */
  codes:
    "0x00 CALLDATALOAD EXTCODEHASH 0x00 CALLDATALOAD SSTORE 0x00 CALLDATALOAD EXTCODESIZE 0x00 CALLDATALOAD 0x01 ADD SSTORE",
  /** Calls a without data; slot[a] = success + what it had before */
  calls: "0x00 0x00 0x00 0x00 0x00 0x00 CALLDATALOAD GAS CALL 0x00 CALLDATALOAD SLOAD ADD 0x00 CALLDATALOAD SSTORE",
  /** slot[a] + 1, and takes it back. */
  reverts: `0x00 CALLDATALOAD DUP1 ${counting} SWAP1 SSTORE 0x00 0x00 REVERT`,
  /** slot[a] + 1, and runs out of gas. */
  burns: `0x00 CALLDATALOAD DUP1 ${counting} SWAP1 SSTORE JUMPDEST 0x0b JUMP`,
  /** slot[a] = 0, for which gas comes back. */
  clears: "0x00 0x00 CALLDATALOAD SSTORE",
  /** Makes a counter with the salt a; slot[a] = its address. */
  factory: `${storing(childInit)} 0x00 CALLDATALOAD ${size(childInit)} 0x00 CALLVALUE CREATE2 0x00 CALLDATALOAD SSTORE`,
  /** Makes a contract that destroys itself at once; slot[a] = its address. */
  briefly: `${storing(dyingInit)} 0x00 CALLDATALOAD ${size(dyingInit)} 0x00 CALLVALUE CREATE2 0x00 CALLDATALOAD SSTORE`,
  /** Destroys itself in favour of a: since Cancun, it only pays out. */
  destroys: "0x00 CALLDATALOAD SELFDESTRUCT",
  /** slot[a] = SHA-256 of slot[a], by the precompile */
  hashes: `0x00 CALLDATALOAD SLOAD 0x00 MSTORE ${sha256} 0x00 CALLDATALOAD SSTORE`,
  /** An event with slot[0]; slot[0] + 1 */
  logs: `0x00 SLOAD DUP1 0x00 MSTORE DUP1 0x20 0x00 LOG1 0x01 ADD 0x00 SSTORE`,
  /** Transient slot 0 + 1 into slot[a]: always 1. */
  transient: "0x00 TLOAD 0x01 ADD DUP1 0x00 TSTORE 0x00 CALLDATALOAD SLOAD ADD 0x00 CALLDATALOAD SSTORE",
} as const;
export type ContractName = keyof typeof sources;
export const contractNames = Object.keys(sources) as ContractName[];
export const contracts = Object.fromEntries(contractNames.map((name, n) => [name, at(0x1000 + n)])) as Record<
  ContractName,
  Hex
>;

/** A new copy of the world before the block. */
export function createWorld(): FlatState {
  const state = new FlatState();
  for (const person of people) state.put(person, { balance: 10n ** 20n });
  for (const name of contractNames) {
    const storage: [Hex, bigint][] = [[`0x${"00".repeat(32)}`, 5n]];
    state.put(contracts[name], { nonce: 1n, balance: 10n ** 6n, code: assemble(sources[name]), storage });
  }
  return state;
}

/** One transaction of a block, as a test says it. */
export interface Action {
  /** Number of the sender among {@link people}. */
  readonly from: number;
  /** Undefined makes a contract of the data. */
  readonly to?: Hex | undefined;
  readonly data?: Hex;
  readonly value?: bigint;
  readonly gas?: bigint;
  /** Wei a gas for the coinbase. @default 2 */
  readonly tip?: bigint;
  /** By how much the nonce is wrong. */
  readonly nonceOff?: bigint;
  /** Delegates this person's code to an address (EIP-7702). */
  readonly delegate?: { readonly person: number; readonly to: Hex } | undefined;
}

/** Signs actions with the nonces that they have in order. */
export function blockOf(actions: readonly Action[]): BlockInput {
  const nonces = new Map<number, bigint>();
  const take = (person: number): bigint => {
    const nonce = nonces.get(person) ?? 0n;
    nonces.set(person, nonce + 1n);
    return nonce;
  };
  const transactions = actions.map(({ from, to, data = "0x", value = 0n, gas = 300_000n, tip = 2n, ...rest }, n) => {
    const key = keys[from] ?? new Uint8Array();
    const shared = {
      nonce: take(from) + (rest.nonceOff ?? 0n),
      gasLimit: gas,
      value,
      data: fromHex(data),
      ...(to !== undefined && { to: createAddressFromString(to) }),
    };
    const fee = { maxFeePerGas: environment.baseFeePerGas + tip, maxPriorityFeePerGas: tip, chainId: 138n };
    if (rest.delegate !== undefined) {
      const { person, to: target } = rest.delegate;
      const authority = { chainId: "0x8a" as const, address: target, nonce: toHexNumber(take(person)) };
      const authorizationList = [eoaCode7702SignAuthorization(authority, keys[person] ?? new Uint8Array())];
      return createEOACode7702Tx({ ...shared, ...fee, authorizationList }, { common })
        .sign(key)
        .serialize();
    }
    const tx =
      n % 2 === 0
        ? createLegacyTx({ ...shared, gasPrice: environment.baseFeePerGas + tip }, { common })
        : createFeeMarket1559Tx({ ...shared, ...fee }, { common });
    return tx.sign(key).serialize();
  });
  return { environment, transactions };
}

const toHexNumber = (value: bigint): Hex => `0x${value.toString(16)}`;

/** Address of a contract that the factory makes with a salt. */
export { childInit, suicidal };
