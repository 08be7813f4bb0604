import { messageOf } from "../errors";
import type { Clock } from "./clock";
import { ServiceError } from "./errors";
import { mapInOrder } from "./pool";
import type { ServiceName, VerificationService } from "./service";
import type { Submission } from "./submission";

/** What came of one contract at one service. */
export interface Publication {
  readonly service: ServiceName;
  /** Without a key. */
  readonly url: string;
  readonly status: "verified" | "already verified" | "failed";
  /** What the service said: why it failed, or how good the match is; null when it said nothing more. */
  readonly said: string | null;
}

/** One contract for one service. */
export interface PublishJob {
  readonly submission: Submission;
  readonly service: VerificationService;
}

export interface PublishOptions {
  readonly clock: Clock;
  /** Jobs under way at a time; one that waits for a service's answer counts. */
  readonly concurrency: number;
  /** For one job, with all its attempts and pauses, in milliseconds. */
  readonly timeoutMs: number;
  /** Told of every job that has come to its end. */
  readonly onSettled?: () => void;
}

/** Services need seconds to compile: how long between questions about one job, at first and at most. */
const FIRST_POLL_MS = 2_000;
const LONGEST_POLL_MS = 15_000;

/** Publishes many: results in the order of the jobs, and one failure stops none of the others. */
export const publishAll = (jobs: readonly PublishJob[], options: PublishOptions): Promise<Publication[]> =>
  mapInOrder(jobs, options.concurrency, (job) => publishOne(job, options).finally(options.onSettled));

/** Publishes one contract to one service. Never throws what a service did; its words become the result. */
export async function publishOne(job: PublishJob, options: PublishOptions): Promise<Publication> {
  const { name: service, url } = job.service;
  try {
    return { service, url, ...(await settle(job, options)) };
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    return { service, url, status: "failed", said: messageOf(error) };
  }
}

type Outcome = Pick<Publication, "status" | "said">;

async function settle(job: PublishJob, options: PublishOptions): Promise<Outcome> {
  const { submission, service } = job;
  const { clock, timeoutMs } = options;
  const deadlineMs = clock.now() + timeoutMs;
  if (await service.isVerified(submission, deadlineMs)) return { status: "already verified", said: null };

  const submitted = await service.submit(submission, deadlineMs);
  switch (submitted.kind) {
    case "already":
      return { status: "already verified", said: null };
    case "verified":
      return { status: "verified", said: submitted.detail ?? null };
    case "failed":
      return { status: "failed", said: submitted.reason };
    case "ticket":
      return poll(job, submitted.ticket, deadlineMs, options);
  }
}

async function poll(
  { submission, service }: PublishJob,
  ticket: string,
  deadlineMs: number,
  { clock, timeoutMs }: PublishOptions,
): Promise<Outcome> {
  let said = "nothing";
  let pauseMs = FIRST_POLL_MS;
  for (; clock.now() + pauseMs < deadlineMs; pauseMs = Math.min(Math.round(pauseMs * 1.5), LONGEST_POLL_MS)) {
    await clock.sleep(pauseMs);
    const checked = await service.check(ticket, submission, deadlineMs);
    if (checked.kind === "verified") return { status: "verified", said: checked.detail ?? null };
    if (checked.kind === "failed") return { status: "failed", said: checked.reason };
    said = checked.said;
  }
  return { status: "failed", said: `no result within ${Math.ceil(timeoutMs / 1000)} s; last it said: ${said}` };
}
