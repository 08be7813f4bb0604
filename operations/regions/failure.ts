import { adviceOf } from "../retry/failures";

/** Why a region was not done, and what to do about it. */
export interface RegionFailure {
  /** Azure's error code, or one of ours: `Timeout`, `Network`, `Interrupted`, `NotSignedIn`, `Unknown`. */
  readonly code: string;
  readonly message: string;
  /** One sentence for the operator. */
  readonly action: string;
}

/** What only the operations meet; the rest is advised upon as a deployment's errors are. */
const ours: Readonly<Record<string, string>> = {
  Interrupted: "Nothing: what Azure had begun goes on. Look with meridian status.",
  NotSignedIn: "Sign in: az login, or give the environment a service principal (docs/operations.md).",
  ResourceNotFound: "The stack may not be deployed there, or under another subscription (meridian:operations).",
};

/** Describes whatever the SDK, fetch or a timeout has thrown. */
export function failureFrom(error: unknown): RegionFailure {
  const { code, statusCode, name, message } = fieldsOf(error);
  const known = codeOf(name, code, message);
  const action = ours[known] ?? adviceOf(known, statusCode).action;
  return { code: known, message: firstLine(message), action };
}

/** The failure of a region that was not done in time. */
export const timedOut = (timeoutMs: number): RegionFailure => ({
  code: "Timeout",
  message: `Not done after ${timeoutMs / 1000} s.`,
  action: "Look with meridian status: Azure may still be at it. A higher --timeout waits longer.",
});

export const interrupted: RegionFailure = {
  code: "Interrupted",
  message: "Interrupted.",
  action: ours.Interrupted ?? "",
};

function fieldsOf(error: unknown) {
  const { code, statusCode, name, message, cause } = (error ?? {}) as Readonly<Record<string, unknown>>;
  const inner = (cause as { readonly code?: unknown } | undefined)?.code;
  const own = code ?? inner;
  return {
    code: typeof own === "string" ? own : undefined,
    statusCode: typeof statusCode === "number" ? statusCode : undefined,
    name: typeof name === "string" ? name : "",
    message: typeof message === "string" ? message : String(error),
  };
}

const networkCodes = /^(ECONN|ENOTFOUND|EAI_|EHOST|ENET|EPIPE|REQUEST_SEND_ERROR|UND_ERR)/;

function codeOf(name: string, code: string | undefined, message: string): string {
  if (name === "TimeoutError") return "Timeout";
  if (name === "AbortError") return "Interrupted";
  if (name === "CredentialUnavailableError" || name === "AuthenticationRequiredError") return "NotSignedIn";
  if (name === "AggregateAuthenticationError" || name === "ChainedTokenCredential") return "NotSignedIn";
  if (code !== undefined && networkCodes.test(code)) return "Network";
  // Of a long operation that has failed, the SDK's error tells the code in its message alone.
  const told = /operation has failed\. ([A-Z][A-Za-z]+)\./.exec(message)?.[1];
  return code ?? told ?? (message.includes("fetch failed") ? "Network" : "Unknown");
}

const firstLine = (text: string): string => text.split("\n")[0] ?? text;
