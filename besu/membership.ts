import type { Address } from "viem";

/** One JSON-RPC call of a validator's administration: on its loopback, at {@link ADMIN_PORT} (besu/node-options.ts). */
export interface AdminCall {
  readonly method: "admin_addPeer" | "qbft_proposeValidatorVote";
  readonly params: readonly (string | boolean)[];
}

/**
 * Tells a living node of one that joins; `static-nodes.json` is read at start only.
 *
 * @param enode the newcomer's
 */
export const introduce = (enode: string): AdminCall => ({ method: "admin_addPeer", params: [enode] });

/**
 * A validator's vote on the set of validators. It stands until it has passed, or until the end of the epoch.
 *
 * @param validator whom the vote is about
 */
export const voteOn = (validator: Address, change: "add" | "remove"): AdminCall => ({
  method: "qbft_proposeValidatorVote",
  params: [validator, change === "add"],
});

/**
 * Votes that add or remove a validator: more than half, floor(N/2) + 1 (Besu docs, "Add and remove validators").
 *
 * @param validators N, those that the chain has now; at least 1
 */
export const votesNeeded = (validators: number): number => Math.floor(validators / 2) + 1;

/** The call as a line to read: `admin_addPeer("enode://…")`. */
export const renderCall = ({ method, params }: AdminCall): string =>
  `${method}(${params.map((param) => JSON.stringify(param)).join(", ")})`;
