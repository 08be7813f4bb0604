import { createAddressFromString, generateAddress, generateAddress2 } from "@ethereumjs/util";

import { fromHex, type Hex, toHex } from "../../../../execution/state/hex";
import { deploying, word, words, assemble } from "./assembler";
import { type Action, childInit, coinbase, contracts, people } from "./world";

const six = [0, 1, 2, 3, 4, 5];
const stranger: Hex = "0x5555555555555555555555555555555555555555";
/** Where a contract that a person makes with a nonce comes to stand. */
const madeBy = (person: number, nonce: bigint): Hex =>
  toHex(
    generateAddress(fromHex(people[person] ?? "0x"), nonce === 0n ? new Uint8Array(0) : Uint8Array.of(Number(nonce))),
  );
/** Where the factory puts a child. */
export const childOf = (salt: bigint): Hex =>
  toHex(generateAddress2(createAddressFromString(contracts.factory).bytes, fromHex(`0x${word(salt)}`), childInit));
const counterInit = toHex(deploying(assemble("0x00 SLOAD 0x01 ADD 0x00 SSTORE")));
const person = (n: number): Hex => people[n] ?? "0x";

/** Blocks whose transactions conflict, each in another way. */
export const conflicts: Readonly<Record<string, readonly Action[]>> = {
  "nothing in common": six.map((from) => ({ from, to: contracts.counter, data: words(BigInt(from + 10)) })),
  "same slot": six.map((from) => ({ from, to: contracts.counter, data: words(1n) })),
  "slots that depend on one another": six.map((from) => ({
    ...{ from, to: contracts.copier, data: words(BigInt(from + 1), BigInt(from)) },
  })),
  "same balance, paid into": six.map((from) => ({ from, to: stranger, value: BigInt(from + 1), gas: 21_000n })),
  "money passed on at once": six.map((from) => ({
    from,
    to: person((from + 1) % 6),
    value: 99n * 10n ** 18n,
    gas: 21_000n,
  })),
  "a balance read between payments": [
    { from: 0, to: stranger, value: 5n },
    { from: 1, to: contracts.balances, data: words(stranger) },
    { from: 2, to: stranger, value: 6n },
    { from: 3, to: contracts.balances, data: words(stranger) },
  ],
  "fees paid, and read": [
    { from: 0, to: contracts.counter, data: words(1n) },
    { from: 1, to: contracts.fees },
    { from: 2, to: contracts.counter, data: words(2n), tip: 9n },
    { from: 3, to: contracts.fees },
    { from: 4, to: coinbase, value: 1n },
  ],
  "a chain of nonces": Array.from({ length: 8 }, (_, n) => ({
    from: n % 2,
    to: contracts.counter,
    data: words(BigInt(n)),
  })),
  "a contract made and called": [
    { from: 0, data: counterInit },
    { from: 1, to: madeBy(0, 0n) },
    { from: 2, to: madeBy(0, 0n) },
    { from: 3, to: contracts.calls, data: words(madeBy(0, 0n)) },
    { from: 4, to: contracts.codes, data: words(madeBy(0, 0n)) },
  ],
  "called before and after it is made": [
    { from: 1, to: childOf(9n), data: "0x01", value: 3n },
    { from: 2, to: contracts.codes, data: words(childOf(9n)) },
    { from: 0, to: contracts.factory, data: words(9n), value: 4n },
    { from: 3, to: contracts.codes, data: words(childOf(9n)) },
    { from: 4, to: childOf(9n), data: "0x01" },
  ],
  "two make the same contract": [
    { from: 0, to: contracts.factory, data: words(1n) },
    { from: 1, to: contracts.factory, data: words(1n) },
    { from: 2, to: contracts.calls, data: words(childOf(1n)) },
  ],
  "a transfer to a contract made in the block": [
    { from: 0, data: counterInit },
    { from: 1, to: madeBy(0, 0n), value: 7n },
    { from: 2, to: contracts.balances, data: words(madeBy(0, 0n)) },
  ],
  "made and destroyed in one transaction, twice": [
    { from: 0, to: contracts.briefly, data: words(3n), value: 11n },
    { from: 1, to: contracts.briefly, data: words(3n), value: 12n },
    { from: 2, to: contracts.fees },
  ],
  "destroyed: all it had is paid out": [
    { from: 0, to: contracts.destroys, data: words(stranger), value: 5n },
    { from: 1, to: contracts.balances, data: words(stranger) },
    { from: 2, to: contracts.destroys, data: words(person(3)), value: 6n },
    { from: 3, to: contracts.balances, data: words(contracts.destroys) },
  ],
  "a write taken back": [
    { from: 0, to: contracts.reverts, data: words(1n) },
    { from: 1, to: contracts.reverts, data: words(1n), value: 5n },
    { from: 2, to: contracts.balances, data: words(contracts.reverts) },
  ],
  "out of gas after a write": [
    { from: 0, to: contracts.burns, data: words(1n), gas: 60_000n },
    { from: 0, to: contracts.burns, data: words(1n), gas: 40_000n },
    { from: 1, to: contracts.calls, data: words(contracts.burns), gas: 200_000n },
  ],
  "precompiled contracts": [
    ...six.map((from) => ({ from, to: contracts.hashes, data: words(1n) })),
    { from: 1, to: "0x0000000000000000000000000000000000000004", data: "0x1234", value: 2n },
  ],
  "gas that comes back depends on who was first": [
    { from: 0, to: contracts.clears, data: words(0n) },
    { from: 1, to: contracts.clears, data: words(0n) },
    { from: 2, to: contracts.logs },
    { from: 3, to: contracts.logs },
  ],
  "delegated code": [
    { from: 0, to: person(6), delegate: { person: 6, to: contracts.counter } },
    { from: 1, to: person(6), data: words(4n) },
    { from: 2, to: contracts.codes, data: words(person(6)) },
    { from: 3, to: person(6), data: words(4n), delegate: { person: 6, to: contracts.clears } },
    { from: 4, to: person(6), data: words(4n) },
    { from: 6, to: contracts.counter, data: words(1n) },
  ],
  "money of a contract runs out": six.map((from) => ({
    ...{ from, to: contracts.payer, data: words(BigInt(person(from)), 300_000n) },
  })),
  "money in and out of one contract": Array.from({ length: 20 }, (_, n) =>
    n % 3 === 0
      ? { from: n % 6, to: contracts.payer, data: words(stranger, BigInt(n + 1)) }
      : { from: n % 6, to: contracts.payer, value: BigInt(n * 100), data: words(coinbase, 0n) },
  ),
  "transient storage": six.map((from) => ({ from, to: contracts.transient, data: words(1n) })),
  "an account comes into being": [
    { from: 0, to: contracts.payer, data: words(stranger, 1n) },
    { from: 1, to: contracts.payer, data: words(stranger, 1n) },
    { from: 2, to: contracts.codes, data: words(stranger) },
  ],
};
