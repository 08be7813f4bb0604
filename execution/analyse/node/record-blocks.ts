import { NoConnectionError } from "../../../contracts/batch/errors";
import { resolveRange } from "../block-range";
import { type Method, METHODS, type RecordedBlock } from "../recorded";
import { TraceClient } from "./client";
import { recordBlock } from "./record";

/** A trace of a full block took Besu and anvil seconds at most; an archive node elsewhere may need longer. */
const TIMEOUT_MS = 120_000;

export interface RecordOptions {
  readonly rpcUrl: string;
  /** As {@link resolveRange} takes them. */
  readonly blocks: string;
  /** @default all, in their order */
  readonly methods?: readonly Method[];
  readonly signal?: AbortSignal;
  /** After each block. */
  readonly onBlock?: (done: number, of: number) => void;
}

/** Blocks as they come, and by which method; the one that worked for the first is taken for all. */
export interface RecordingStream {
  readonly chainId: number;
  readonly first: number;
  readonly last: number;
  readonly blocks: AsyncIterable<{ readonly recorded: RecordedBlock; readonly method: Method }>;
}

/**
 * Asks a node for what the transactions of some blocks touched.
 *
 * @throws {NoConnectionError} when there is no node
 * @throws {InvalidRangeError} for blocks that it has not
 * @throws {AnalysisError} while blocks are read, when it cannot tell
 */
export async function recordBlocks({ rpcUrl, blocks, methods = METHODS, signal, onBlock }: RecordOptions) {
  const client = new TraceClient(rpcUrl, TIMEOUT_MS, signal ?? new AbortController().signal);
  const number = async (method: string): Promise<number> => {
    const answer = await client.ask({ method, params: [] });
    if (answer.ok && typeof answer.result === "string") return Number(answer.result);
    throw new NoConnectionError(rpcUrl, `${method}: ${answer.ok ? "no number" : answer.why}`);
  };
  const chainId = await number("eth_chainId");
  const { first, last } = resolveRange(blocks, await number("eth_blockNumber"));
  const read = async function* () {
    let tried = methods;
    for (let at = first; at <= last; at++) {
      const one = await recordBlock(client, at, tried);
      // A block without transactions is traced by anything.
      if (one.recorded.block.transactions.length > 0) tried = [one.method];
      onBlock?.(at - first + 1, last - first + 1);
      yield one;
    }
  };
  return { chainId, first, last, blocks: read() } satisfies RecordingStream;
}
