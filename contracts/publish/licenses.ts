/**
 * SPDX identifiers by the number that Etherscan and Blockscout use (https://etherscan.io/contract-license-types and
 * https://docs.blockscout.com/devs/verification/blockscout-smart-contract-verification-api, read 2026-11-21).
 */
const numbers: Readonly<Record<string, number>> = {
  Unlicense: 2,
  MIT: 3,
  "GPL-2.0": 4,
  "GPL-3.0": 5,
  "LGPL-2.1": 6,
  "LGPL-3.0": 7,
  "BSD-2-Clause": 8,
  "BSD-3-Clause": 9,
  "MPL-2.0": 10,
  "OSL-3.0": 11,
  "Apache-2.0": 12,
  "AGPL-3.0": 13,
  "BUSL-1.1": 14,
};

/** "No License (None)": what is given where the numbers have no word for it. */
const NONE = 1;

/**
 * Number of a source's licence. Identifiers may end in `-only` or `-or-later`; what is not in the list, and what is
 * missing, is 1 ("none"), because a wrong licence would be a false promise to whoever reads it.
 */
export const licenseNumber = (spdx: string | undefined): number =>
  numbers[(spdx ?? "").replace(/-(only|or-later)$/, "")] ?? NONE;
