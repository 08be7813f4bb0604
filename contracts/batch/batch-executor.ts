import { setTimeout as delay } from "node:timers/promises";
import type { Executor, Outcome, PreparedCall } from "./executor";
import { asksToWait, callObject, isAnswer, outcomeOf, type RpcRequest, type TimelessOutcome } from "./json-rpc";
import { Limits } from "./limits";
import { pauseBefore, Post, type Posted } from "./post";

export interface BatchExecutorOptions {
  readonly url: string;
  /** HTTP requests under way at a time. */
  readonly concurrency: number;
  /** For the HTTP request that carries an item, its retries included. */
  readonly timeoutMs: number;
}

/** A call on its way: its place in the chunk, and its bytes in a body. */
interface Entry {
  readonly call: PreparedCall;
  readonly at: number;
  readonly size: number;
}

/** Rounds that may bring no answer at all to a batch, although the node answers. */
const FRUITLESS_ROUNDS = 6;
/** Bytes of a request around its transaction object: id, method, block hash, commas. */
const FRAME_BYTES = 160;

/** Independent calls: one eth_call each, many to an HTTP request, several requests at a time. */
export class BatchExecutor implements Executor {
  readonly transport = "json-rpc-batch";
  private readonly limits = new Limits();
  private readonly post: Post;
  private lastId = 0;

  constructor(private readonly options: BatchExecutorOptions) {
    this.post = new Post(options.url);
  }

  async *execute(calls: Iterable<PreparedCall>): AsyncGenerator<Outcome> {
    const stop = new AbortController();
    const chunks = this.chunksOf(calls);
    const underWay: Promise<Outcome[]>[] = [];
    const startNext = (): void => {
      const next = chunks.next();
      if (next.done !== true) underWay.push(this.runChunk(next.value, stop.signal));
    };
    try {
      for (let started = 0; started < this.options.concurrency; started++) startNext();
      for (let first = underWay.shift(); first !== undefined; first = underWay.shift()) {
        const outcomes = await first;
        startNext();
        yield* outcomes;
      }
    } finally {
      stop.abort();
    }
  }

  /** Cuts the calls into chunks by the limits as they are known when a chunk is taken. */
  private *chunksOf(calls: Iterable<PreparedCall>): Generator<Entry[], undefined> {
    let chunk: Entry[] = [];
    let bytes = 0;
    for (const call of calls) {
      const size = JSON.stringify(callObject(call)).length + FRAME_BYTES;
      if (!this.limits.fits(chunk.length, bytes, size)) {
        yield chunk;
        chunk = [];
        bytes = 0;
      }
      chunk.push({ call, at: chunk.length, size });
      bytes += size;
    }
    if (chunk.length > 0) yield chunk;
  }

  /** Runs one chunk; never rejects. */
  private async runChunk(chunk: readonly Entry[], stop: AbortSignal): Promise<Outcome[]> {
    const began = performance.now();
    const outcomes: (TimelessOutcome | undefined)[] = chunk.map(() => undefined);
    const signal = AbortSignal.any([stop, AbortSignal.timeout(this.options.timeoutMs)]);
    await this.solve(chunk, outcomes, signal);
    // What one item takes of a shared request cannot be known: each gets an equal part.
    const durationMs = (performance.now() - began) / chunk.length;
    return outcomes.map((outcome) => ({
      ...(outcome ?? { kind: "failed", reason: "the node gave no answer for it" }),
      durationMs,
    }));
  }

  /** Asks for all entries, and again for those that an answer left out, into `outcomes`. */
  private async solve(
    entries: readonly Entry[],
    outcomes: (TimelessOutcome | undefined)[],
    signal: AbortSignal,
  ): Promise<void> {
    const isOpen = ({ at }: Entry): boolean => outcomes[at] === undefined;
    for (let fruitless = 0; fruitless < FRUITLESS_ROUNDS;) {
      const open = entries.filter(isOpen);
      const piece = this.firstPiece(open);
      if (piece.length === 0) return;
      const requests = piece.map(({ call }) => this.request(call));
      // A batch of one goes without the brackets: some nodes know no batches at all.
      const posted = await this.post.send(JSON.stringify(requests.length === 1 ? requests[0] : requests), signal);
      if (posted.kind === "failed") {
        for (const { at } of open) outcomes[at] = { kind: "failed", reason: posted.reason };
        return;
      }
      if (this.learn(posted, piece)) continue;
      if (posted.kind === "refused") {
        for (const { at } of piece)
          outcomes[at] = { kind: "failed", reason: `the node refuses the request: HTTP ${posted.status}` };
        continue;
      }
      take(posted.json, piece, requests, outcomes);
      if (!piece.some(isOpen)) continue;
      fruitless = piece.every(isOpen) ? fruitless + 1 : 0;
      await delay(pauseBefore(fruitless + 1), undefined, { signal }).catch(() => undefined);
    }
  }

  /** As many of the entries as the node is known to take at once. */
  private firstPiece(open: readonly Entry[]): readonly Entry[] {
    let bytes = 0;
    const end = open.findIndex(({ size }, count) => {
      const fits = this.limits.fits(count, bytes, size);
      bytes += size;
      return !fits;
    });
    return end < 0 ? open : open.slice(0, end);
  }

  /** Takes a refusal of a piece for its size as a lesson; whether it was one, so that a smaller piece may do. */
  private learn(posted: Posted, piece: readonly Entry[]): boolean {
    if (piece.length === 1) return false;
    if (posted.kind === "refused") {
      this.limits.refusedBytes(piece.reduce((sum, { size }) => sum + size, 0));
      return true;
    }
    // Besu: HTTP 200 with a single error for a batch that is too long.
    const isRefusal = posted.kind === "json" && isAnswer(posted.json) && !asksToWait(posted.json);
    if (isRefusal) this.limits.refusedItems(piece.length);
    return isRefusal;
  }

  private request(call: PreparedCall): RpcRequest {
    return { jsonrpc: "2.0", id: ++this.lastId, method: "eth_call", params: [callObject(call), call.block] };
  }
}

/** Puts answers where they belong, in whatever order they come; the first for an id counts, strangers do not. */
function take(
  json: unknown,
  open: readonly Entry[],
  requests: readonly RpcRequest[],
  outcomes: (TimelessOutcome | undefined)[],
): void {
  const placeOf = new Map(requests.map(({ id }, index) => [id, open[index]?.at]));
  for (const answer of Array.isArray(json) ? (json as unknown[]) : [json]) {
    if (!isAnswer(answer) || asksToWait(answer)) continue;
    const place = placeOf.get(Number(answer.id));
    if (place !== undefined) outcomes[place] ??= outcomeOf(answer);
  }
}
