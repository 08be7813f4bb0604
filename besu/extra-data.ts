import type { Address, Hex } from "viem";
import { fromRlp, hexToNumber, isAddress, padHex, toRlp } from "viem/utils";

import { MeridianError } from "../errors";

/** A validator set that no QBFT genesis can hold. */
export class InvalidValidatorSetError extends MeridianError {
  override readonly name = "InvalidValidatorSetError";
}

/**
 * The validator set in the one order Meridian uses: lower case, ascending.
 *
 * Besu does not sort: the same validators in another order run, but have another genesis hash.
 *
 * @throws {InvalidValidatorSetError} for an empty set, something that is no address, or an address named twice.
 */
export function sortValidators(validators: readonly Address[]): Address[] {
  if (validators.length === 0) {
    throw new InvalidValidatorSetError("The validator set is empty. A QBFT genesis needs at least one validator.");
  }
  const sorted = validators.map((address) => address.toLowerCase() as Address).sort();
  sorted.forEach((address, i) => {
    if (!isAddress(address)) {
      throw new InvalidValidatorSetError(`Validator "${address as string}" is not an address. Give 20 bytes in hex.`);
    }
    if (address === sorted[i - 1]) {
      throw new InvalidValidatorSetError(
        `Validator ${address} is named twice. Every validator needs a key of its own.`,
      );
    }
  });
  return sorted;
}

/**
 * The `extraData` of a QBFT genesis: RLP([32-byte vanity, validators ascending, no votes, round 0, no seals]).
 *
 * Byte-identical to `besu rlp encode --type=QBFT_EXTRA_DATA` (Besu 26.8.0; vectors in tests/unit/besu).
 *
 * @throws {InvalidValidatorSetError} as {@link sortValidators} does.
 */
export function encodeExtraData(validators: readonly Address[]): Hex {
  const vanity = padHex("0x", { size: 32 });
  return toRlp([vanity, sortValidators(validators), [], "0x", []]);
}

/** What a block's header says of its consensus. */
export interface BlockConsensus {
  /** The validators that may sign this block; lower case, ascending. */
  readonly validators: readonly Address[];
  /** The proposer's vote on the set of validators, if it cast one. */
  readonly vote: { readonly validator: Address; readonly change: "add" | "remove" } | undefined;
  /** The round in which the block was agreed on: 0 is its proposer's first try. */
  readonly round: number;
}

/** The second field of a vote that adds a validator; one that removes is 0x00, or empty (Besu, QbftExtraDataCodec). */
const ADDS = "0xff";

/**
 * Reads the `extraData` of a QBFT block: RLP([vanity, validators, vote, round, seals]) (Besu docs, consensus/qbft).
 *
 * @returns undefined for what is no such list
 */
export function decodeExtraData(extraData: Hex): BlockConsensus | undefined {
  try {
    const [, validators, vote, round] = fromRlp(extraData);
    if (!Array.isArray(validators) || typeof round !== "string") return undefined;
    const [recipient, kind] = (Array.isArray(vote) ? vote : []) as readonly unknown[];
    return {
      validators: validators.map((address) => String(address).toLowerCase() as Address),
      vote:
        typeof recipient === "string"
          ? { validator: recipient.toLowerCase() as Address, change: kind === ADDS ? "add" : "remove" }
          : undefined,
      round: round === "0x" ? 0 : hexToNumber(round as Hex),
    };
  } catch {
    return undefined;
  }
}
