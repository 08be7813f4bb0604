import type { Address } from "viem";

/** One JSON-RPC call of a validator's administration: on its loopback, at {@link ADMIN_PORT} (besu/node-options.ts). */
export interface AdminCall {
  readonly method:
    | "admin_addPeer"
    | "admin_removePeer"
    | "admin_nodeInfo"
    | "qbft_proposeValidatorVote"
    | "qbft_discardValidatorVote"
    | "qbft_getPendingVotes"
    | "qbft_getValidatorsByBlockNumber";
  readonly params: readonly (string | boolean)[];
}

/**
 * Tells a living node of one that joins; `static-nodes.json` is read at start only.
 *
 * @param enode the newcomer's
 */
export const introduce = (enode: string): AdminCall => ({ method: "admin_addPeer", params: [enode] });

/** Ends a living node's connection to one that has left, which it would otherwise seek for ever. */
export const forget = (enode: string): AdminCall => ({ method: "admin_removePeer", params: [enode] });

/**
 * A validator's vote on the set of validators. It is cast in each block that it makes, until it has passed; and again
 * later, whenever the set is not as it says, unless it is discarded ({@link discardVote}).
 *
 * @param validator whom the vote is about
 */
export const voteOn = (validator: Address, change: "add" | "remove"): AdminCall => ({
  method: "qbft_proposeValidatorVote",
  params: [validator, change === "add"],
});

/** Takes a validator's vote back, passed or not. */
export const discardVote = (validator: Address): AdminCall => ({
  method: "qbft_discardValidatorVote",
  params: [validator],
});

/** The validators of the newest block: a list of addresses. */
export const validatorSet: AdminCall = { method: "qbft_getValidatorsByBlockNumber", params: ["latest"] };

/** What a validator would vote: true for adding, by address. */
export const pendingVotes: AdminCall = { method: "qbft_getPendingVotes", params: [] };

/** The node's own `enode`, among other things. */
export const nodeInfo: AdminCall = { method: "admin_nodeInfo", params: [] };

/**
 * Votes that add or remove a validator: more than half, floor(N/2) + 1 (Besu docs, "Add and remove validators").
 *
 * @param validators N, those that the chain has now; at least 1
 */
export const votesNeeded = (validators: number): number => Math.floor(validators / 2) + 1;

/** The call as a line to read: `admin_addPeer("enode://…")`. */
export const renderCall = ({ method, params }: AdminCall): string =>
  `${method}(${params.map((param) => JSON.stringify(param)).join(", ")})`;
