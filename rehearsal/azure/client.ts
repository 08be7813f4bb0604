import { transientStatuses } from "../../operations/retry/failures";
import type { ArmRefusal } from "./arm";

/**
 * How azure-native treats an answer. Source: pulumi/pulumi-azure-native, provider/pkg/azure/client_azcore.go
 * (initPipelineOpts, shouldRetryConflict), and azcore's sdk/azcore/runtime/policy_retry.go.
 */
export const retryPolicy = {
  /** Retries after the first try. */
  retries: 3,
  retryDelayMs: 20_000,
  /** The longest backoff; an answer that asks for more is not retried at all. */
  maxRetryDelayMs: 120_000,
  statuses: transientStatuses,
  conflictCodes: ["AnotherOperationInProgress"],
  /** Seconds between two polls of a long-running operation. */
  pollMs: { write: 10_000, delete: 30_000 },
} as const;

/** What the client does next. */
export type Reaction =
  | { readonly retry: true; readonly delayMs: number }
  | { readonly retry: false; readonly because: "final" | "exhausted" | "retry-after-too-long" };

/** Whether azure-native tries again after such an answer, retries and delays apart. */
export const isRetried = ({ status, code }: Pick<ArmRefusal, "status" | "code">): boolean =>
  retryPolicy.statuses.includes(status) ||
  (status === 409 && (retryPolicy.conflictCodes as readonly string[]).includes(code));

/**
 * azcore's backoff before the n-th retry: (2ⁿ - 1) times 20 s, scattered by a factor of 0.8 to 1.3, at most 120 s.
 * @param retry 1 for the first retry
 * @param random in [0, 1); 0.4 gives the plain 20, 60 and 120 s
 */
export const backoffMs = (retry: number, random: number): number =>
  Math.min(retryPolicy.maxRetryDelayMs, Math.round((2 ** retry - 1) * retryPolicy.retryDelayMs * (0.8 + random / 2)));

/**
 * The client's reaction to a refusal.
 * @param retriesDone how often this request has been retried already
 * @param random in [0, 1), for the scatter of the backoff
 */
export const reactionTo = (refusal: ArmRefusal, retriesDone: number, random: number): Reaction => {
  if (!isRetried(refusal)) return { retry: false, because: "final" };
  if (retriesDone >= retryPolicy.retries) return { retry: false, because: "exhausted" };
  const { retryAfterMs } = refusal;
  if (retryAfterMs === undefined) return { retry: true, delayMs: backoffMs(retriesDone + 1, random) };
  return retryAfterMs > retryPolicy.maxRetryDelayMs
    ? { retry: false, because: "retry-after-too-long" }
    : { retry: true, delayMs: retryAfterMs };
};
