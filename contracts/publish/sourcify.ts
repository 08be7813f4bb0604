import { fieldsIn, messageIn, type Again, type Answer, type Requester } from "./requester";
import type { Checked, Submitted, Ticket, VerificationService } from "./service";
import type { Submission } from "./submission";
import { under } from "./url";

/** Of a contract that somebody else is having verified: there is no job number to ask with, only the contract. */
const RUNNING: Ticket = "running";

/** A job or a contract, as far as it is read. */
interface SourcifyAnswer {
  readonly verificationId?: string;
  readonly customCode?: string;
  readonly isJobCompleted?: boolean;
  readonly error?: { readonly customCode?: string; readonly message?: string };
  readonly contract?: { readonly match?: string | null };
  readonly match?: string | null;
}

/**
 * Sourcify's API v2: a job for each contract, asked after by its number. Requests and answers are those of its own
 * OpenAPI document, services/server/src/apiv2.yaml in https://github.com/argotorg/sourcify, shown at
 * https://docs.sourcify.dev/docs/api/ (read 2026-11-21).
 *
 * Sourcify compiles by itself and finds constructor arguments in the creation code, so neither they nor a licence are
 * asked for.
 */
export class Sourcify implements VerificationService {
  readonly name = "sourcify";

  /** @param url `https://sourcify.dev/server`, or one's own */
  constructor(
    readonly url: string,
    private readonly requester: Requester,
  ) {}

  /** Only an exact match counts: a lesser one can be improved by verifying again. */
  async isVerified(submission: Submission, deadlineMs: number): Promise<boolean> {
    return (await this.matchOf(submission, deadlineMs)) === "exact_match";
  }

  submit(submission: Submission, deadlineMs: number): Promise<Submitted> {
    const { chainId, address, input, compilerVersion, identifier, creationTransaction } = submission;
    const body = JSON.stringify({
      stdJsonInput: input,
      compilerVersion,
      contractIdentifier: identifier,
      creationTransactionHash: creationTransaction,
    });
    const url = under(this.url, `v2/verify/${chainId}/${address}`);
    const request = { method: "POST", url, contentType: "application/json", body, counts: isDuplicate } as const;
    return this.requester.ask(request, deadlineMs, (answer): Submitted | Again => {
      const { status } = answer;
      const { verificationId, customCode } = fieldsOf(answer);
      if (status === 202 && verificationId !== undefined) return { kind: "ticket", ticket: verificationId };
      if (status === 409) return { kind: "already" };
      if (customCode === "duplicate_verification_request") return { kind: "ticket", ticket: RUNNING };
      return { kind: "failed", reason: wordsOf(answer) };
    });
  }

  async check(ticket: Ticket, submission: Submission, deadlineMs: number): Promise<Checked> {
    if (ticket === RUNNING) {
      const match = await this.matchOf(submission, deadlineMs);
      return match === undefined ? { kind: "pending", said: "it is being verified" } : verifiedBy(match);
    }
    const url = under(this.url, `v2/verify/${encodeURIComponent(ticket)}`);
    return this.requester.ask({ method: "GET", url }, deadlineMs, (answer): Checked | Again => {
      const { isJobCompleted, error, contract } = fieldsOf(answer);
      if (answer.status !== 200) return { kind: "failed", reason: wordsOf(answer) };
      if (isJobCompleted !== true) return { kind: "pending", said: "the job is not completed" };
      if (typeof contract?.match === "string") return verifiedBy(contract.match);
      const said = [error?.customCode, error?.message].filter((each) => each !== undefined).join(": ");
      return { kind: "failed", reason: said === "" ? "the job ended without a match" : said };
    });
  }

  /** `exact_match`, `match`, or undefined when the contract is not verified. */
  private async matchOf({ chainId, address }: Submission, deadlineMs: number): Promise<string | undefined> {
    const url = under(this.url, `v2/contract/${chainId}/${address}`);
    const { match } = await this.requester.ask({ method: "GET", url }, deadlineMs, (answer) => fieldsOf(answer));
    return match ?? undefined;
  }
}

const fieldsOf = ({ json }: Answer): SourcifyAnswer => fieldsIn(json);

const isDuplicate = (answer: Answer): boolean => fieldsOf(answer).customCode === "duplicate_verification_request";

const verifiedBy = (match: string): Checked => ({
  kind: "verified",
  detail: match === "exact_match" ? "exact match" : "match, but for the metadata",
});

/** The service's own words of an answer that is none of the documented good ones. */
function wordsOf(answer: Answer): string {
  const { customCode } = fieldsOf(answer);
  const said = messageIn(answer.json) ?? "without a reason";
  return `HTTP ${answer.status}: ${customCode === undefined ? said : `${customCode}: ${said}`}`;
}
