import { fieldsIn, messageIn, type Again, type Answer } from "./requester";
import type { Checked, Submitted } from "./service";
import { linkedInput, type Submission } from "./submission";

/** `{ status, message, result }`, as Etherscan and Blockscout's API of the same form answer. */
interface Envelope {
  readonly status: string;
  readonly result: string;
}

const again = (reason: string): Again => ({ kind: "again", reason });

/** Etherscan says "too many" with HTTP 200 (https://docs.etherscan.io/common-error-messages, read 2026-11-21). */
const isLimit = (said: string): boolean => /rate limit|too many|try again later/i.test(said);

/** The explorer has not seen the block yet; the contract is there, as the offline proof says. */
const isNotIndexed = (said: string): boolean => /unable to locate contractcode|not a smart contract/i.test(said);

const isAlready = (said: string): boolean => /already verified/i.test(said);

/** Reads the envelope, or says that the answer does not count. */
export function envelopeOf({ status: http, json }: Answer): Envelope | Again {
  const { status, result } = fieldsIn(json);
  const said = messageIn(json);
  if (said === undefined) return again(`HTTP ${http} with an answer that is not as documented`);
  if (isLimit(said)) return again(said);
  return { status: String(status), result: typeof result === "string" ? result : said };
}

/** Answer to `verifysourcecode`: a GUID, or why there is none. */
export function readSubmitted(answer: Answer): Submitted | Again {
  const envelope = envelopeOf(answer);
  if ("kind" in envelope) return envelope;
  const { status, result } = envelope;
  if (isAlready(result)) return { kind: "already" };
  if (isNotIndexed(result)) return again(result);
  return status === "1" ? { kind: "ticket", ticket: result } : { kind: "failed", reason: result };
}

/**
 * Answer to `checkverifystatus`. What passes begins with `Pass`; "Fail - Unable to verify", and anything else that is
 * not known as pending, is a failure in the service's words.
 */
export function readChecked(answer: Answer): Checked | Again {
  const envelope = envelopeOf(answer);
  if ("kind" in envelope) return envelope;
  const { result } = envelope;
  if (/^pass/i.test(result)) return { kind: "verified" };
  if (isAlready(result)) return { kind: "verified" };
  // Blockscout knows a new GUID only when a worker has taken the job.
  if (/pending|in progress|unknown uid/i.test(result)) return { kind: "pending", said: result };
  return { kind: "failed", reason: result };
}

/**
 * The form of `verifysourcecode`. Etherscan documents `constructorArguments`; for years it was `constructorArguements`,
 * which its clients still send, so both are there.
 */
export const sourceForm = (submission: Submission): string =>
  new URLSearchParams({
    contractaddress: submission.address,
    sourceCode: JSON.stringify(linkedInput(submission)),
    codeformat: "solidity-standard-json-input",
    contractname: submission.identifier,
    compilerversion: `v${submission.compilerVersion}`,
    constructorArguments: submission.constructorArguments,
    constructorArguements: submission.constructorArguments,
    licenseType: String(submission.licenseType),
  }).toString();
