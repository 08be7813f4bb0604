import type { Submission } from "./submission";

/** The services that a contract can be published to. */
export type ServiceName = "sourcify" | "blockscout" | "etherscan";

/** In the order of the columns. */
export const serviceNames: readonly ServiceName[] = ["sourcify", "blockscout", "etherscan"];

/** What a service gave for a submission, to ask it with later. Opaque. */
export type Ticket = string;

/** A judgement that will not change. */
export type Settled =
  /** `detail`: how good the match is, in the service's words, where it says so. */
  | { readonly kind: "verified"; readonly detail?: string }
  /** In the service's own words. */
  | { readonly kind: "failed"; readonly reason: string };

/** Answer to a submission. */
export type Submitted = { readonly kind: "ticket"; readonly ticket: Ticket } | { readonly kind: "already" } | Settled;

/** Answer to a question after it. `said`: the service's own words. */
export type Checked = { readonly kind: "pending"; readonly said: string } | Settled;

/**
 * One verification service on one chain. An implementation knows its requests and answers and nothing of pacing,
 * retries or time, which are the requester's. Each method ends by the deadline.
 *
 * @param deadlineMs time of the requester's clock after which nothing more is tried
 * @throws {ServiceError} when the service cannot be reached, or does not answer as documented
 */
export interface VerificationService {
  readonly name: ServiceName;
  /** Where it is, without a key, for people. */
  readonly url: string;
  /** Whether the contract is verified there as well as it can be. */
  isVerified(submission: Submission, deadlineMs: number): Promise<boolean>;
  submit(submission: Submission, deadlineMs: number): Promise<Submitted>;
  check(ticket: Ticket, submission: Submission, deadlineMs: number): Promise<Checked>;
}
