import type { Address, Hex } from "viem";

/** A part of an account that is no storage. */
export type Field = "balance" | "nonce" | "code";

/** A place of the state, in lower case: `balance:0x…`, `nonce:0x…`, `code:0x…`, or `storage:0x…:0x…` with its slot. */
export type Place = `${Field}:${string}` | `storage:${string}:${string}`;

/** What one transaction does to the state of its block. */
export interface TransactionAccess {
  /** Its position in the block, from 0. */
  readonly index: number;
  readonly hash: Hex;
  readonly from: Address;
  /** Absent where it creates a contract. */
  readonly to?: Address | undefined;
  /** Gas that it used: the weight of all arithmetic here. */
  readonly gas: number;
  /** Places whose value its result depends on. */
  readonly reads: ReadonlySet<Place>;
  /** Places whose value it sets. */
  readonly writes: ReadonlySet<Place>;
  /** Places that it adds to or takes from without depending on their value: such changes commute. */
  readonly adds: ReadonlySet<Place>;
  /** Words out of which keys of mappings may be made: addresses, and the words of its call data; 32 bytes each. */
  readonly words: readonly Hex[];
}

/** The access sets of a block. */
export interface BlockAccess {
  readonly number: number;
  readonly hash: Hex;
  /** In the order of the block. */
  readonly transactions: readonly TransactionAccess[];
  /** What the sets lack or had to assume, in words; empty for none. */
  readonly caveats: readonly string[];
}

/** A place of an account's own. */
export const fieldOf = (field: Field, address: string): Place => `${field}:${address.toLowerCase()}`;

/** A slot of a contract's storage, with the slot written in 32 bytes whatever the node left out. */
export const slotOf = (address: string, slot: string): Place =>
  `storage:${address.toLowerCase()}:0x${slot.replace(/^0x/i, "").toLowerCase().padStart(64, "0")}`;

/** The account that a place belongs to. */
export const addressOf = (place: Place): Address => (place.split(":")[1] ?? "0x") as Address;

/** A place in its parts; `slot` only of storage. */
export function partsOf(place: Place): { readonly kind: Field | "storage"; readonly address: Address; slot?: Hex } {
  const [kind, address, slot] = place.split(":");
  return {
    kind: kind as Field | "storage",
    address: address as Address,
    ...(slot !== undefined && { slot: slot as Hex }),
  };
}
