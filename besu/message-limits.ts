import { messagesPerBlock } from "../regions/quorum";

/** QBFT's message limits, by their names in the `qbft` section of a genesis. */
export interface MessageLimits {
  /** Messages waiting to be processed; more are dropped with "Queue size exceeded". */
  readonly messagequeuelimit?: number;
  /** Messages whose repetition is recognised before they are processed. */
  readonly duplicatemessagelimit?: number;
  /** Messages that are not gossiped a second time. */
  readonly gossipedhistorylimit?: number;
  /** Messages for later blocks that are kept. */
  readonly futuremessageslimit?: number;
}

/** Besu's own limits (JsonBftConfigOptions.java: "a typical 20 node validator network"). */
const BESU_DEFAULTS = {
  messagequeuelimit: 1000,
  duplicatemessagelimit: 100,
  gossipedhistorylimit: 1000,
  futuremessageslimit: 1000,
} as const satisfies Required<MessageLimits>;

/** Blocks ahead for which Besu keeps messages (the same file). */
const FUTURE_BLOCKS = 10;

/** Rounds of one block whose messages are remembered. */
const ROUNDS = 10;

/** The largest set for which Besu's own limits are left alone: that of its comment. */
const LARGEST_DEFAULT_SET = 20;

/**
 * The message limits of a chain of N validators: none up to 20, where Besu's own are meant to do.
 *
 * A round has at most 3N+1 different messages: one proposal, and of each validator a prepare, a commit and a round change.
 * Gossip brings every one from each peer, (3N+1)(N-1) in all, and the queue has to hold them before repetitions are
 * recognised. A limit is never lower than Besu's. They are no part of the genesis hash, and a node reads them at start.
 *
 * @param validators N, at least 1
 */
export function messageLimits(validators: number): MessageLimits {
  if (validators <= LARGEST_DEFAULT_SET) return {};
  const different = 3 * validators + 1;
  const wanted: Required<MessageLimits> = {
    messagequeuelimit: messagesPerBlock(validators) + validators * (validators - 1),
    duplicatemessagelimit: different,
    gossipedhistorylimit: ROUNDS * different,
    futuremessageslimit: FUTURE_BLOCKS * different,
  };
  const raised = (name: keyof MessageLimits) => Math.max(BESU_DEFAULTS[name], wanted[name]);
  return {
    messagequeuelimit: raised("messagequeuelimit"),
    duplicatemessagelimit: raised("duplicatemessagelimit"),
    gossipedhistorylimit: raised("gossipedhistorylimit"),
    futuremessageslimit: raised("futuremessageslimit"),
  };
}
