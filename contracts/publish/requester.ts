import { retryAfterMs } from "../batch/post";
import type { Clock } from "./clock";
import { ServiceError } from "./errors";
import { redact, redactFields } from "./redact";
import { fullBucket, holdUntil, reserve, type Bucket, type Rate } from "./token-bucket";

/** A request of a service. A key that is part of `url` never reaches a message. */
export interface ServiceRequest {
  readonly method: "GET" | "POST";
  readonly url: URL;
  readonly contentType?: "application/json" | "application/x-www-form-urlencoded";
  readonly body?: string;
  /** Whether a 429 or 5xx is an answer to read and not a reason to try again. @default never */
  readonly counts?: (answer: Answer) => boolean;
}

/** An answer that is JSON. */
export interface Answer {
  readonly status: number;
  readonly json: unknown;
}

/** What a reader says of an answer that does not count: try it again. */
export interface Again {
  readonly kind: "again";
  /** The service's own words. */
  readonly reason: string;
}

export interface RequesterOptions {
  readonly rate: Rate;
  readonly clock: Clock;
  /** For one request, answer included, in milliseconds. */
  readonly requestTimeoutMs: number;
  /** Replaced in everything that a message says. */
  readonly secrets: readonly string[];
  /** Told of a wait that a person would notice. */
  readonly onWait?: (reason: string, waitMs: number) => void;
}

/** Attempts for one request, the first included. */
const ATTEMPTS = 6;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
/** A Retry-After beyond this is a quota of the day, not a pause. */
const LONGEST_RETRY_AFTER_MS = 120_000;
/** Largest answer that is read; a verified contract with all its sources stays far below. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;
/** Waits from here on are told. */
const NOTICEABLE_MS = 2_000;

/** Doubles from attempt to attempt; with jitter, between half of the value and all of it. Pure. */
export const pauseAfter = (attempt: number, random: number): number =>
  Math.round(Math.min(FIRST_PAUSE_MS * 2 ** (attempt - 1), LONGEST_PAUSE_MS) * (0.5 + random / 2));

/** One attempt: an answer, or why there is none. `waitMs` is what the service asked for. */
type Attempted =
  | { readonly kind: "answer"; readonly answer: Answer }
  | { readonly kind: "again"; readonly reason: string; readonly waitMs?: number }
  | { readonly kind: "refused"; readonly reason: string };

/**
 * Sends the requests of one key to one host: paced by a token bucket that all of them share, tried again after a lost
 * connection, a timeout, 429, 5xx and an answer that is no JSON. A pause that the service asks for holds all of them.
 */
export class Requester {
  private bucket: Bucket = fullBucket;
  /** How often the service asked for a pause. */
  private holds = 0;

  constructor(private readonly options: RequesterOptions) {}

  /** Time of the requester's clock, for deadlines. */
  now(): number {
    return this.options.clock.now();
  }

  sleep(ms: number): Promise<void> {
    return this.options.clock.sleep(ms);
  }

  /**
   * Sends a request until `read` makes something of its answer.
   *
   * @param read may ask for another attempt, because some services say "too many" with status 200
   * @throws {ServiceError} after the last attempt, at the deadline, and for a redirection or 401 or 403
   */
  async ask<T extends object>(
    request: ServiceRequest,
    deadlineMs: number,
    read: (answer: Answer) => T | Again,
  ): Promise<T> {
    let reason = "";
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      if (!(await this.turn(deadlineMs))) throw this.timedOut(reason);
      const attempted = await this.attempt(request, deadlineMs);
      if (attempted.kind === "refused") throw this.error(attempted.reason);
      const outcome = attempted.kind === "answer" ? read(attempted.answer) : attempted;
      if (!isAgain(outcome)) return redactFields(outcome, this.options.secrets);
      reason = outcome.reason;
      if (attempt < ATTEMPTS) await this.pause(attempt, outcome, deadlineMs);
    }
    throw this.error(`${reason}, ${ATTEMPTS} times`);
  }

  /** Waits for a token; false when it comes too late. */
  private async turn(deadlineMs: number): Promise<boolean> {
    const { clock, rate } = this.options;
    for (;;) {
      const { bucket, atMs } = reserve(this.bucket, rate, clock.now());
      if (atMs >= deadlineMs) return false;
      this.bucket = bucket;
      const known = this.holds;
      if (atMs > clock.now()) await clock.sleep(atMs - clock.now());
      // A pause that was asked for in the meantime emptied the bucket: the token is gone.
      if (known === this.holds) return true;
    }
  }

  private async pause(attempt: number, again: Again & { readonly waitMs?: number }, deadlineMs: number): Promise<void> {
    const { clock, rate, onWait, secrets } = this.options;
    const pauseMs = again.waitMs ?? pauseAfter(attempt, clock.random());
    const until = clock.now() + pauseMs;
    if (pauseMs > LONGEST_RETRY_AFTER_MS || until >= deadlineMs) {
      throw this.error(`${again.reason}; it asks to wait ${Math.ceil(pauseMs / 1000)} s, which is too long`);
    }
    if (again.waitMs !== undefined) {
      this.holds++;
      this.bucket = holdUntil(this.bucket, rate, until);
    }
    if (pauseMs >= NOTICEABLE_MS) onWait?.(redact(again.reason, secrets), pauseMs);
    await clock.sleep(pauseMs);
  }

  private async attempt(request: ServiceRequest, deadlineMs: number): Promise<Attempted> {
    const { clock, requestTimeoutMs } = this.options;
    const withinMs = Math.min(requestTimeoutMs, deadlineMs - clock.now());
    try {
      const response = await fetch(request.url, {
        method: request.method,
        headers: {
          accept: "application/json",
          ...(request.contentType === undefined ? {} : { "content-type": request.contentType }),
        },
        body: request.body,
        // A redirection would hand a key in the URL to whoever is named there.
        redirect: "manual",
        signal: AbortSignal.timeout(Math.max(1, withinMs)),
      });
      const text = await readText(response);
      return this.judge(request, response, text);
    } catch (error) {
      return { kind: "again", reason: connectionWords(error, withinMs) };
    }
  }

  private judge({ counts }: ServiceRequest, { status, headers }: Response, text: string | undefined): Attempted {
    const refused = (reason: string): Attempted => ({ kind: "refused", reason });
    if (text === undefined) return refused(`the answer has more than ${MAX_ANSWER_BYTES} bytes`);
    const json = parsed(text);
    const said = messageIn(json);
    const words = `HTTP ${status}${said === undefined ? "" : ` (${said})`}`;
    if (status >= 300 && status < 400) return refused(`${words}: it redirects; give the address that it redirects to`);
    if (json !== undefined && counts?.({ status, json }) === true) return { kind: "answer", answer: { status, json } };
    if (status === 408 || status === 429 || status >= 500) {
      return { kind: "again", reason: words, waitMs: this.askedWaitMs(headers) };
    }
    if (status === 401 || status === 403) return refused(words);
    if (json !== undefined) return { kind: "answer", answer: { status, json } };
    const reason = `HTTP ${status} with an answer that is no JSON`;
    return status >= 400 ? refused(`${reason}: is the address right?`) : { kind: "again", reason };
  }

  /** Retry-After (RFC 9110), or Blockscout's x-ratelimit-reset in milliseconds. */
  private askedWaitMs(headers: Headers): number | undefined {
    const asked = retryAfterMs(headers.get("retry-after"), this.options.clock.date());
    const reset = Number(headers.get("x-ratelimit-reset") ?? NaN);
    // Elsewhere the same header is a date, which is far larger than any pause.
    return asked ?? (reset > 0 && reset <= LONGEST_RETRY_AFTER_MS ? Math.ceil(reset) : undefined);
  }

  private timedOut(reason: string): ServiceError {
    return this.error(reason === "" ? "the time was over before its turn came" : `${reason}; then the time was over`);
  }

  private error(reason: string): ServiceError {
    return new ServiceError(redact(reason, this.options.secrets));
  }
}

const isAgain = (outcome: object): outcome is Again => (outcome as { kind?: unknown }).kind === "again";

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** The fields of an answer; none when it is no object. */
export const fieldsIn = (json: unknown): Readonly<Record<string, unknown>> =>
  typeof json === "object" && json !== null ? (json as Readonly<Record<string, unknown>>) : {};

/** The sentence that a service puts into an error. */
export function messageIn(json: unknown): string | undefined {
  const { message, error, result } = fieldsIn(json);
  const found = [result, message, error].find((each) => typeof each === "string" && each !== "");
  return found as string | undefined;
}

/** Undefined when it is larger than anything that these services answer. */
async function readText(response: Response): Promise<string | undefined> {
  if (response.body === null) return "";
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > MAX_ANSWER_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function connectionWords(error: unknown, withinMs: number): string {
  const { name, cause } = error as { name?: unknown; cause?: unknown };
  if (name === "TimeoutError") return `no answer within ${Math.ceil(withinMs / 1000)} s`;
  const { code } = (cause ?? error) as { code?: unknown };
  return `no connection${typeof code === "string" ? `: ${code}` : ""}`;
}
