import type { Address, Hex } from "viem";
import { concat, keccak256, numberToHex, pad } from "viem/utils";

import { partsOf, type Place, type TransactionAccess } from "./access";

/** A variable in the storage layout that solc prints. */
export interface Variable {
  readonly label: string;
  readonly slot: number;
  /** Levels of mapping: 0 for a value, 1 for `mapping(a => v)`, 2 for a mapping of mappings. */
  readonly mappings: number;
}

/** A contract as its users call it. */
export interface KnownContract {
  /** `WETH9` */
  readonly name: string;
  /** Empty where its source is not known. */
  readonly variables: readonly Variable[];
}

/** By address in lower case. */
export type KnownContracts = ReadonlyMap<string, KnownContract>;

/** Members of a struct in a mapping that are recognised, by their distance from its first slot. */
const STRUCT_SLOTS = 8n;

/** An account for people: a name with the address in short, or the address in short. */
export function accountName(address: string, known: KnownContracts): string {
  const short = `${address.slice(0, 6)}…${address.slice(-4)}`;
  const name = known.get(address.toLowerCase())?.name;
  return name === undefined ? short : `${name} ${short}`;
}

/**
 * A place for people: `WETH9 balanceOf[0xf39F…2266]`, `nonce of 0xf39F…2266`. A slot of a mapping is recognised by trying
 * the words of the transactions that touched it as keys (Solidity's layout of storage: keccak256(key . slot)).
 *
 * @param touching transactions that read or write the place
 */
export function placeName(place: Place, known: KnownContracts, touching: readonly TransactionAccess[]): string {
  const { kind, address, slot } = partsOf(place);
  if (slot === undefined) return `${kind} of ${accountName(address, known)}`;
  const contract = known.get(address);
  const variable = contract && variableAt(slot, contract.variables, touching);
  if (variable !== undefined) return `${contract?.name ?? ""} ${variable}`;
  return `${accountName(address, known)} slot ${shortSlot(slot)}`;
}

function shortSlot(slot: Hex): string {
  const plain = BigInt(slot);
  return plain < 1_000_000n ? String(plain) : `${slot.slice(0, 10)}…`;
}

/** The variable of a slot; undefined where none of the layout, with none of the keys, has it. */
export function variableAt(
  slot: Hex,
  variables: readonly Variable[],
  touching: readonly Pick<TransactionAccess, "words">[],
): string | undefined {
  const wanted = BigInt(slot);
  const plain = variables.find((variable) => variable.mappings === 0 && BigInt(variable.slot) === wanted);
  if (plain !== undefined) return plain.label;
  const words = [...new Set(touching.flatMap((one) => one.words))];
  for (const { label, slot: base, mappings } of variables) {
    if (mappings < 1 || mappings > 2) continue;
    const root = numberToHex(base, { size: 32 });
    for (const first of words) {
      const outer = entryOf(first, root);
      if (mappings === 1) {
        const found = memberAt(wanted, outer);
        if (found !== undefined) return `${label}[${keyText(first)}]${found}`;
        continue;
      }
      for (const second of words) {
        const found = memberAt(wanted, entryOf(second, outer));
        if (found !== undefined) return `${label}[${keyText(first)}][${keyText(second)}]${found}`;
      }
    }
  }
  return undefined;
}

const entryOf = (key: Hex, base: Hex): Hex => keccak256(concat([pad(key, { size: 32 }), base]));

function memberAt(wanted: bigint, entry: Hex): string | undefined {
  const distance = wanted - BigInt(entry);
  if (distance < 0n || distance >= STRUCT_SLOTS) return undefined;
  return distance === 0n ? "" : ` slot +${distance}`;
}

/** A key: an address or a small number, or its first digits. */
function keyText(word: Hex): string {
  const value = BigInt(word);
  if (value < 1_000_000n) return String(value);
  if (value >> 160n === 0n) return `0x${word.slice(26, 30)}…${word.slice(-4)}`;
  return `${word.slice(0, 10)}…`;
}

export const knownName = (address: Address, known: KnownContracts): string | null =>
  known.get(address.toLowerCase())?.name ?? null;
