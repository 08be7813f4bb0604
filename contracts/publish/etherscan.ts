import { envelopeOf, readChecked, readSubmitted, sourceForm } from "./etherscan-answers";
import type { Requester } from "./requester";
import type { Checked, Submitted, Ticket, VerificationService } from "./service";
import type { Submission } from "./submission";
import { under } from "./url";

/**
 * Etherscan's API V2: one address and one key for every chain, told apart by `chainid`. Requests and answers are those
 * of https://docs.etherscan.io/contract-verification/verify-with-api and the OpenAPI documents of `verifysourcecode`
 * and `checkverifystatus` there (read 2026-11-21): `chainid`, `module`, `action` and `apikey` in the query, the sources
 * as a form.
 */
export class Etherscan implements VerificationService {
  readonly name = "etherscan";

  /** @param url `https://api.etherscan.io`, or one that speaks the same */
  constructor(
    readonly url: string,
    private readonly requester: Requester,
    private readonly apiKey: string,
  ) {}

  async isVerified(submission: Submission, deadlineMs: number): Promise<boolean> {
    const url = this.endpoint(submission, "getabi", { address: submission.address });
    const { verified } = await this.requester.ask({ method: "GET", url }, deadlineMs, (answer) => {
      const envelope = envelopeOf(answer);
      return "kind" in envelope ? envelope : { verified: envelope.status === "1" };
    });
    return verified;
  }

  submit(submission: Submission, deadlineMs: number): Promise<Submitted> {
    const url = this.endpoint(submission, "verifysourcecode", {});
    const contentType = "application/x-www-form-urlencoded";
    const request = { method: "POST", url, contentType, body: sourceForm(submission) } as const;
    return this.requester.ask<Submitted>(request, deadlineMs, readSubmitted);
  }

  check(ticket: Ticket, submission: Submission, deadlineMs: number): Promise<Checked> {
    const url = this.endpoint(submission, "checkverifystatus", { guid: ticket });
    return this.requester.ask<Checked>({ method: "GET", url }, deadlineMs, readChecked);
  }

  private endpoint({ chainId }: Submission, action: string, more: Readonly<Record<string, string>>): URL {
    const query = { chainid: String(chainId), module: "contract", action, ...more, apikey: this.apiKey };
    return under(this.url, "v2/api", query);
  }
}
