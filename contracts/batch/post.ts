import { setTimeout as delay } from "node:timers/promises";

/** What came of sending one body, after retries. */
export type Posted =
  | { readonly kind: "json"; readonly json: unknown }
  /** HTTP 413, or 400, which Besu says to a body that is too large. */
  | { readonly kind: "refused"; readonly status: number }
  | { readonly kind: "failed"; readonly reason: string };

/** Attempts for one body, the first included. */
const ATTEMPTS = 6;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 30_000;

/** Sends bodies to one node; one answer of "too many" slows everything that goes there. */
export class Post {
  private quietUntil = 0;

  constructor(private readonly url: string) {}

  /** Sends a body; tries again after a lost connection, 429, 5xx and an answer that is no JSON, until `signal`. */
  async send(body: string, signal: AbortSignal): Promise<Posted> {
    let reason = "";
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      try {
        if (attempt > 0) await delay(pauseBefore(attempt), undefined, { signal });
        await this.whileQuiet(signal);
        const response = await fetch(this.url, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body,
          signal,
        });
        const text = await response.text();
        const { status } = response;
        if (status === 413 || (status === 400 && !text.includes("jsonrpc"))) return { kind: "refused", status };
        if (status === 429 || status >= 500) {
          reason = `HTTP ${status}`;
          this.wait(response.headers.get("retry-after"));
          continue;
        }
        if (status === 401 || status === 403 || status === 404) return { kind: "failed", reason: `HTTP ${status}` };
        reason = "the answer is no JSON";
        return { kind: "json", json: JSON.parse(text) };
      } catch (error) {
        if (signal.aborted) return { kind: "failed", reason: reasonOf(signal, reason) };
        if (!(error instanceof SyntaxError)) reason = connectionWords(error);
      }
    }
    return { kind: "failed", reason: `${reason}, ${ATTEMPTS} times` };
  }

  /** Nothing more is sent for a while, because the node asked for it. */
  wait(retryAfter: string | null): void {
    const pause = Math.min(retryAfterMs(retryAfter, Date.now()) ?? 0, LONGEST_PAUSE_MS);
    this.quietUntil = Math.max(this.quietUntil, Date.now() + pause);
  }

  private async whileQuiet(signal: AbortSignal): Promise<void> {
    for (let left = this.quietUntil - Date.now(); left > 0; left = this.quietUntil - Date.now()) {
      await delay(left, undefined, { signal });
    }
  }
}

const reasonOf = (signal: AbortSignal, last: string): string => {
  const timedOut = (signal.reason as { name?: unknown } | undefined)?.name === "TimeoutError";
  return `${timedOut ? "timeout" : "stopped"}${last === "" ? "" : ` (${last})`}`;
};

/** Doubles from attempt to attempt, with jitter, so that many do not come back at one moment. */
export const pauseBefore = (attempt: number): number =>
  Math.min(FIRST_PAUSE_MS * 2 ** (attempt - 1), LONGEST_PAUSE_MS) * (0.5 + Math.random() / 2);

/** Retry-After in milliseconds: seconds, or a date. Undefined when it says nothing that can be read. */
export function retryAfterMs(header: string | null, nowMs: number): number | undefined {
  if (header === null || header.trim() === "") return undefined;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(seconds, 0) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(at - nowMs, 0);
}

function connectionWords(error: unknown): string {
  const { code, message } = ((error as { cause?: unknown }).cause ?? error) as { code?: unknown; message?: unknown };
  if (typeof code === "string") return `no connection: ${code}`;
  return `no connection: ${typeof message === "string" ? message : String(error)}`;
}
