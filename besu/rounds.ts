import type { Hex } from "viem";

import { decodeExtraData } from "./extra-data";

/**
 * The round in which validators are that have found no block for so long: each round lasts twice as long as the one
 * before it, without a cap (Besu docs, consensus/qbft; measured, Besu 26.8.0).
 *
 * @param haltSeconds since the newest block, or since the oldest validator started; at least 0
 * @param requestTimeoutSeconds of the first round, above 0
 */
export const roundAfter = (haltSeconds: number, requestTimeoutSeconds: number): number =>
  Math.floor(Math.log2(haltSeconds / requestTimeoutSeconds + 1));

/**
 * Seconds from the return of the quorum to the first block when nothing else is done: validators that return begin at
 * round 0 and climb to that of the others, T + 2T + … + 2^r T.
 *
 * With T = 4 s this gives 28, 60 and 124 s after halts of 12, 30 and 70 s; measured were 34, 68 and 134 s (Besu 26.8.0,
 * the nodes' start included).
 */
export const climbSeconds = (haltSeconds: number, requestTimeoutSeconds: number): number =>
  requestTimeoutSeconds * (2 ** (roundAfter(haltSeconds, requestTimeoutSeconds) + 1) - 1);

/**
 * From this round on a restart of all validators together is the faster way: it brought the first block in 18 s
 * (measured, Besu 26.8.0), and climbing to round 2 takes seven timeouts, 28 s with Besu's usual 4 s.
 */
export const RESTART_FROM_ROUND = 2;

/**
 * The round in which a block was agreed on, from its header's `extraData`:
 * RLP([vanity, validators, vote, round, seals]) (Besu docs, consensus/qbft). 0 is a block at its proposer's first try.
 *
 * @returns undefined for what is no such list
 */
export const roundOf = (extraData: Hex): number | undefined => decodeExtraData(extraData)?.round;
