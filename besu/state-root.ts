import type { Hex } from "viem";
import { concatHex, keccak256, size, toRlp } from "viem/utils";

import type { GenesisAccount } from "./genesis";

/** Root of a trie without entries: keccak256(RLP of the empty string) (Ethereum yellow paper, appendix D). */
export const EMPTY_TRIE_ROOT: Hex = "0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421";

type Rlp = Hex | readonly Rlp[];

interface Entry {
  /** The key's nibbles as hex digits; all keys are of one length. */
  readonly path: string;
  readonly value: Hex;
}

/**
 * The state root of a genesis: of accounts without storage.
 *
 * Merkle Patricia trie over keccak256(address) -> RLP([nonce, balance, storage root, code hash]) (Ethereum yellow paper,
 * section 4.1 and appendix D). Equal to what Besu computes (vectors in tests/unit/besu).
 *
 * @param alloc accounts by address, none of them empty: whether Besu keeps an empty one was not tried
 */
export function stateRoot(alloc: Readonly<Record<string, GenesisAccount>>): Hex {
  const entries = Object.entries(alloc).map(([address, account]): Entry => {
    const codeHash = keccak256(account.code ?? "0x");
    const fields = [toScalar(account.nonce), toScalar(account.balance), EMPTY_TRIE_ROOT, codeHash] as const;
    return { path: keccak256(address as Hex).slice(2), value: toRlp(fields) };
  });
  return entries.length === 0 ? EMPTY_TRIE_ROOT : keccak256(toRlp(nodeOf(entries, 0) as never));
}

/** A number as RLP has it: big endian, without leading zeros, nothing for 0. */
export function toScalar(value: Hex | undefined): Hex {
  const digits = (value ?? "0x").slice(2).replace(/^0+/, "");
  return `0x${digits.length % 2 === 0 ? "" : "0"}${digits}`;
}

/** The node that holds these entries, which agree in their first `depth` nibbles. */
function nodeOf(entries: readonly Entry[], depth: number): Rlp {
  const [first, ...others] = entries;
  if (first === undefined) return "0x";
  if (others.length === 0) return [compactPath(first.path.slice(depth), true), first.value];
  let shared = depth;
  while (others.every(({ path }) => path[shared] === first.path[shared])) shared += 1;
  if (shared > depth) return [compactPath(first.path.slice(depth, shared), false), reference(nodeOf(entries, shared))];
  const children = Array.from("0123456789abcdef", (nibble) => {
    const below = entries.filter(({ path }) => path[depth] === nibble);
    return below.length === 0 ? "0x" : reference(nodeOf(below, depth + 1));
  });
  return [...children, "0x"];
}

/** A node inside its parent: itself when its RLP is shorter than a hash, otherwise the hash. */
function reference(node: Rlp): Rlp {
  const encoded = toRlp(node as never);
  return size(encoded) < 32 ? node : keccak256(encoded);
}

/** Hex-prefix encoding (yellow paper, appendix C). */
function compactPath(nibbles: string, leaf: boolean): Hex {
  const odd = nibbles.length % 2 === 1;
  const flag = (leaf ? 2 : 0) + (odd ? 1 : 0);
  return concatHex([`0x${flag}${odd ? "" : "0"}${nibbles}`]);
}
