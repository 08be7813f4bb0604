import { errorWords, isAnswer } from "../json-rpc";
import { Post } from "../post";
import type { AskMessage, StateMessage } from "./messages";

/** Requests of one HTTP body: Besu takes 1,024, others fewer (contracts/batch/limits.ts). */
const MOST_REQUESTS = 100;

interface Question {
  readonly method: string;
  readonly params: readonly unknown[];
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Asks the node for the state that workers want: each thing once, whoever wants it, and what is wanted at one moment in
 * one HTTP request.
 */
export class StateServer {
  private readonly known = new Map<string, Promise<readonly unknown[]>>();
  private readonly post: Post;
  private waiting: Question[] = [];

  /** @param timeoutMs for one HTTP request, its retries included */
  constructor(
    url: string,
    private readonly timeoutMs: number,
    private readonly stop: AbortSignal,
  ) {
    this.post = new Post(url);
  }

  /** Answers a worker; never rejects. */
  async answer({ key, requests }: AskMessage): Promise<StateMessage> {
    let results = this.known.get(key);
    if (results === undefined) {
      results = Promise.all(requests.map(({ method, params }) => this.ask(method, params)));
      this.known.set(key, results);
    }
    return results.then(
      (found): StateMessage => ({ type: "state", key, results: found }),
      (error: unknown): StateMessage => {
        this.known.delete(key); // the next one may have more luck
        return { type: "state", key, problem: error instanceof Error ? error.message : String(error) };
      },
    );
  }

  private ask(method: string, params: readonly unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ method, params, resolve, reject });
      if (this.waiting.length === 1) setImmediate(() => this.sendWaiting());
    });
  }

  private sendWaiting(): void {
    const questions = this.waiting;
    this.waiting = [];
    for (let at = 0; at < questions.length; at += MOST_REQUESTS)
      void this.send(questions.slice(at, at + MOST_REQUESTS));
  }

  /** Sends questions in one body; a node that knows no batches gets them one by one. */
  private async send(questions: readonly Question[]): Promise<void> {
    const requests = questions.map(({ method, params }, id) => ({ jsonrpc: "2.0", id, method, params }));
    const signal = AbortSignal.any([this.stop, AbortSignal.timeout(this.timeoutMs)]);
    const posted = await this.post.send(JSON.stringify(requests.length === 1 ? requests[0] : requests), signal);
    const json = posted.kind === "json" ? posted.json : undefined;
    if (questions.length > 1 && posted.kind !== "failed" && !Array.isArray(json)) {
      for (const question of questions) await this.send([question]);
      return;
    }
    const why =
      posted.kind === "failed" ? posted.reason : posted.kind === "refused" ? `HTTP ${posted.status}` : "no answer";
    const answers = (Array.isArray(json) ? (json as unknown[]) : [json]).filter(isAnswer);
    for (const [id, question] of questions.entries()) {
      const answer = answers.find((each) => Number(each.id) === id);
      if (answer === undefined) question.reject(new Error(`state: ${why}`));
      else if (answer.error != null) question.reject(new Error(`state: the node says: ${errorWords(answer)}`));
      else question.resolve(answer.result);
    }
  }
}
