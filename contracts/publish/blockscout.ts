import { readChecked, readSubmitted, sourceForm } from "./etherscan-answers";
import { fieldsIn, type Requester } from "./requester";
import type { Checked, Submitted, Ticket, VerificationService } from "./service";
import type { Submission } from "./submission";
import { under } from "./url";

/**
 * One Blockscout instance, which is of one chain. Sources go through its API in Etherscan's form
 * (https://docs.blockscout.com/devs/apis/rpc/contract), because that gives a GUID to ask with and tells a failure; the
 * REST route, `/api/v2/smart-contracts/{address}/verification/via/standard-input`, answers "started" and tells the
 * outcome to a browser's websocket only. Whether a contract is verified is asked of the REST API
 * (https://docs.blockscout.com/devs/verification/blockscout-smart-contract-verification-api), which does not take a
 * contract with the same code for it. Field names as BlockScoutWeb.API.RPC.ContractController reads them in
 * https://github.com/blockscout/blockscout (all read 2026-11-21).
 */
export class Blockscout implements VerificationService {
  readonly name = "blockscout";

  /**
   * @param url the explorer itself, `https://eth.blockscout.com`, without `/api`
   * @param apiKey raises the rate limit; most instances want none
   */
  constructor(
    readonly url: string,
    private readonly requester: Requester,
    private readonly apiKey?: string,
  ) {}

  async isVerified({ address }: Submission, deadlineMs: number): Promise<boolean> {
    const url = under(this.url, `api/v2/smart-contracts/${address}`, this.key());
    const { verified } = await this.requester.ask({ method: "GET", url }, deadlineMs, ({ status, json }) => {
      const { is_verified: flag, is_fully_verified: fully } = fieldsIn(json);
      // Verified in part can be improved, as the RPC API itself refuses only what is verified in full.
      return { verified: status === 200 && flag === true && fully !== false };
    });
    return verified;
  }

  submit(submission: Submission, deadlineMs: number): Promise<Submitted> {
    const url = this.endpoint("verifysourcecode", {});
    const contentType = "application/x-www-form-urlencoded";
    const request = { method: "POST", url, contentType, body: sourceForm(submission) } as const;
    return this.requester.ask<Submitted>(request, deadlineMs, readSubmitted);
  }

  check(ticket: Ticket, _: Submission, deadlineMs: number): Promise<Checked> {
    const url = this.endpoint("checkverifystatus", { guid: ticket });
    return this.requester.ask<Checked>({ method: "GET", url }, deadlineMs, readChecked);
  }

  private endpoint(action: string, more: Readonly<Record<string, string>>): URL {
    return under(this.url, "api", { module: "contract", action, ...more, ...this.key() });
  }

  private key(): Record<string, string> {
    return this.apiKey === undefined ? {} : { apikey: this.apiKey };
  }
}
