import type { Log, TransactionOutcome } from "../block";
import { type SharedBlock, Tx } from "./shared-block";

/** What an execution came to: an outcome, or why there is none. */
export type Attempt =
  | { readonly kind: "executed"; readonly gasLimit: bigint; readonly outcome: TransactionOutcome }
  /** The transaction cannot be in the block; or something failed that must not fail. */
  | { readonly kind: "invalid" | "failed"; readonly reason: string };

const kinds = ["executed", "invalid", "failed"] as const;
const BLOOM = 256;

/** Keeps an attempt in shared memory, in place of the transaction's last one. */
export function writeAttempt(block: SharedBlock, tx: number, attempt: Attempt): void {
  const reason = attempt.kind === "executed" ? undefined : new TextEncoder().encode(attempt.reason);
  const logs = attempt.kind === "executed" ? attempt.outcome.logs : [];
  const logBytes = logs.reduce((sum, { topics, data }) => sum + 28 + topics.length * 32 + data.length, 0);
  const at = block.allocate(32 + (reason?.length ?? BLOOM + logBytes));
  const { data: view, bytes } = block;
  view.setUint32(at, kinds.indexOf(attempt.kind));
  if (attempt.kind === "executed") {
    const { outcome, gasLimit } = attempt;
    view.setUint8(at + 4, outcome.type);
    view.setUint8(at + 5, outcome.succeeded ? 1 : 0);
    view.setBigUint64(at + 8, outcome.gasUsed);
    view.setBigUint64(at + 16, gasLimit);
    view.setUint32(at + 24, logs.length);
    bytes.set(outcome.bloom, at + 32);
    let to = at + 32 + BLOOM;
    for (const { address, topics, data } of logs) {
      bytes.set(address, to);
      view.setUint32(to + 20, topics.length);
      view.setUint32(to + 24, data.length);
      to += 28;
      for (const topic of topics) {
        bytes.set(topic, to);
        to += 32;
      }
      bytes.set(data, to);
      to += data.length;
    }
  } else if (reason !== undefined) {
    view.setUint32(at + 24, reason.length);
    bytes.set(reason, at + 32);
  }
  block.words[block.tx(tx, Tx.result)] = at;
}

/** The last attempt at a transaction. */
export function readAttempt(block: SharedBlock, tx: number): Attempt {
  const { data: view, bytes } = block;
  const at = block.words[block.tx(tx, Tx.result)] ?? 0;
  const kind = kinds[view.getUint32(at)] ?? "failed";
  const count = view.getUint32(at + 24);
  // A text decoder takes no shared memory.
  if (kind !== "executed") return { kind, reason: new TextDecoder().decode(bytes.slice(at + 32, at + 32 + count)) };
  const logs: Log[] = [];
  let from = at + 32 + BLOOM;
  const take = (length: number): Uint8Array => bytes.slice(from, (from += length));
  for (let log = 0; log < count; log++) {
    const address = take(20);
    const topics = view.getUint32(from);
    const length = view.getUint32(from + 4);
    from += 8;
    logs.push({ address, topics: Array.from({ length: topics }, () => take(32)), data: take(length) });
  }
  const outcome = {
    type: view.getUint8(at + 4),
    succeeded: view.getUint8(at + 5) === 1,
    gasUsed: view.getBigUint64(at + 8),
    bloom: bytes.slice(at + 32, at + 32 + BLOOM),
    logs,
  };
  return { kind: "executed", gasLimit: view.getBigUint64(at + 16), outcome };
}
