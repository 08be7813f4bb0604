import type { Address, Hex } from "viem";
import { isAddress, padHex, toRlp } from "viem/utils";

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
