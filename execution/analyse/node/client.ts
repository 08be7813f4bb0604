import { NoConnectionError } from "../../../contracts/batch/errors";
import { errorWords, isAnswer, type RpcAnswer } from "../../../contracts/batch/json-rpc";
import { Post } from "../../../contracts/batch/post";

/** A request to a node, and how long its answer may take. */
export interface TraceCall {
  readonly method: string;
  readonly params: readonly unknown[];
}

/** What a node says to one call. */
export type TraceAnswer =
  { readonly ok: true; readonly result: unknown } | { readonly ok: false; readonly why: string };

/** A node that is asked for traces: one request each, since an answer may have megabytes. */
export class TraceClient {
  private readonly post: Post;

  /**
   * @param url of its JSON-RPC
   * @param timeoutMs for one call, retries included
   * @param signal ends everything
   */
  constructor(
    private readonly url: string,
    private readonly timeoutMs: number,
    private readonly signal: AbortSignal,
  ) {
    this.post = new Post(url);
  }

  /** One call; what the node refuses is part of the answer. @throws {NoConnectionError} */
  async ask({ method, params }: TraceCall): Promise<TraceAnswer> {
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
    const posted = await this.post.send(body, AbortSignal.any([this.signal, AbortSignal.timeout(this.timeoutMs)]));
    if (posted.kind === "failed") throw new NoConnectionError(this.url, `${method}: ${posted.reason}`);
    if (posted.kind === "refused") return { ok: false, why: `HTTP ${posted.status}` };
    const answer = posted.json;
    if (!isAnswer(answer)) throw new NoConnectionError(this.url, `${method}: the answer is no JSON-RPC`);
    return isError(answer) ? { ok: false, why: errorWords(answer) } : { ok: true, result: answer.result };
  }
}

const isError = ({ error }: RpcAnswer): boolean => error !== undefined && error !== null;
