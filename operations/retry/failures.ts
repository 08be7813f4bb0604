import { catalogue } from "../../regions/catalogue";

/** What the engine said of one resource that failed. */
export interface FailedResource {
  readonly urn: string;
  /** Logical name: `japaneast-cluster-aks`. */
  readonly name: string;
  /** The Azure region in its name; undefined for what all regions share, and for contracts. */
  readonly region: string | undefined;
  /** HTTP status of the answer, if it was one. */
  readonly status: number | undefined;
  /** Azure's error code, or one of ours for what is not Azure's: `Timeout`, `Network`, `Unknown`. */
  readonly code: string;
  readonly message: string;
  /** How long the message asks to wait, in milliseconds. */
  readonly retryAfterMs?: number;
  readonly advice: Advice;
}

/** What is known of an error code. */
export interface Advice {
  /** Whether the same request may succeed by itself a little later. */
  readonly transient: boolean;
  /** Whether it says that there were too many requests. */
  readonly throttled: boolean;
  /** One sentence for the operator. */
  readonly action: string;
}

const again = (action: string): Advice => ({ transient: true, throttled: false, action });
const slower = (action: string): Advice => ({ transient: true, throttled: true, action });
const stop = (action: string): Advice => ({ transient: false, throttled: false, action });

/**
 * Error codes that a deployment of this size meets. Sources: Microsoft's pages "Resolve errors for throttled requests",
 * "Troubleshoot common Azure deployment errors" and "AKS troubleshooting" (read 2026-11), and the codes that
 * azure-native retries by itself three times before it fails.
 */
const knownCodes: Readonly<Record<string, Advice>> = {
  SubscriptionRequestsThrottled: slower("Nothing, or a lower --parallel: the subscription's request bucket refills."),
  TooManyRequests: slower("Nothing, or a lower --parallel: the request bucket refills."),
  TooManyRequestsReceived: slower("Nothing, or a lower --parallel: the provider's bucket refills."),
  ResourceRequestsThrottled: slower("Wait some minutes: this bucket refills slower than the provider waits."),
  Throttled: slower("Nothing, or a lower --parallel: AKS takes 20 cluster writes, then one a minute."),
  RetryableError: again("Nothing: another write held the lock of the same network."),
  RetryableErrorDueToAnotherOperation: again("Nothing: another write held the lock of the same network."),
  AnotherOperationInProgress: again("Nothing: another operation on the same resource was not finished."),
  OperationPreempted: again("Nothing: another operation on the same resource went first."),
  ConcurrentFederatedIdentityCredentialsWritesForSingleManagedIdentity: again(
    "Nothing: two credentials of one identity were written at once.",
  ),
  ReferencedResourceNotProvisioned: again("Nothing: what it refers to was still being made."),
  PrincipalNotFound: again("Nothing: the new identity was not known everywhere yet."),
  ResourceGroupNotFound: again("Nothing: the new group was not known everywhere yet."),
  InternalServerError: again("If it stays: Azure's status page, then support with the correlation id."),
  ServiceUnavailable: again("If it stays: Azure's status page, then support with the correlation id."),
  GatewayTimeout: again("If it stays: Azure's status page, then support with the correlation id."),
  Timeout: again("If it stays: look at the resource in the portal; it may still be being made."),
  Network: again("Look at the connection of the machine that deploys."),

  AlreadyExists: stop(
    "It exists in Azure and this stack has not begun it: import it (--import-existing), or give it another name.",
  ),
  AksCapacityHeavyUsage: stop("The region takes no new clusters now: try later, or name another region."),
  ZonalAllocationFailed: stop("The zone is out of this VM size: another size (cluster.systemVmSize) or other zones."),
  AllocationFailed: stop("The region is out of this VM size: another size, or another region."),
  SkuNotAvailable: stop("This size is not offered to the subscription there: another size, or ask for access."),
  QuotaExceeded: stop("Ask for more quota in this region (portal: Quotas), then run again."),
  OperationNotAllowed: stop(
    "A quota is used up, or the cluster is busy with another operation: the message tells which.",
  ),
  ManagedClusterCountExceedsQuotaLimit: stop("Ask for a higher limit of clusters, then run again."),
  AuthorizationFailed: stop("Give the deploying identity the role that the message names, at that scope."),
  LinkedAuthorizationFailed: stop("Give the deploying identity the role that the message names, at that scope."),
  RequestDisallowedByPolicy: stop("A policy of the subscription forbids it: the message names the assignment."),
  InvalidTemplateDeployment: stop("Correct the configuration: the message names the property."),
  InvalidParameter: stop("Correct the configuration: the message names the property."),
  MissingSubscriptionRegistration: stop("Register the provider: az provider register --namespace <the one named>."),
  SubscriptionNotRegistered: stop("Register the provider: az provider register --namespace <the one named>."),
};

/**
 * Statuses that azure-native itself tries again, whatever the code. Source: pulumi/pulumi-azure-native,
 * provider/pkg/azure/client_azcore.go, initPipelineOpts.
 */
export const transientStatuses: readonly number[] = [408, 429, 500, 502, 503, 504];

/** What to do about a code. */
export function adviceOf(code: string, status?: number): Advice {
  const known = knownCodes[code];
  if (known !== undefined) return known;
  if (status === 429) return slower("Nothing, or a lower --parallel: a request bucket was empty.");
  if (status !== undefined && transientStatuses.includes(status)) {
    return again("If it stays: Azure's status page, then support with the correlation id.");
  }
  return stop("Read the message; a further run goes on where this one ended.");
}

/** All codes with their advice, for the documentation. */
export const knownErrorCodes: readonly (readonly [code: string, advice: Advice])[] = Object.entries(knownCodes);

/** The logical name in a URN. */
const nameOf = (urn: string): string => urn.split("::").at(-1) ?? urn;

/** No region's name holds a hyphen, so the one before the first is the region's or nobody's. */
const regionOf = (name: string): string | undefined =>
  catalogue.find((region) => name.startsWith(`${region.name}-`))?.name;

/** Go's azcore and autorest word an answer in these ways. */
const codePatterns = [/Code="([A-Za-z0-9_.]+)"/, /ERROR CODE: ([A-Za-z0-9_.]+)/, /"code":\s*"([A-Za-z0-9_.]+)"/];
const statusPatterns = [/Status(?:Code)?=(\d{3})/, /RESPONSE (\d{3})/, /autorest[^\n]*?(\d{3})/];

/** ARM's words: "Please try again after '5' seconds", AKS's: "please retry again in 60 seconds". */
const retryAfter = /\b(?:again|retry)(?: again)? (?:after|in) '?(\d{1,6})'? seconds/i;

const firstMatch = (patterns: readonly RegExp[], text: string): string | undefined =>
  patterns.flatMap((pattern) => pattern.exec(text)?.[1] ?? []).at(0);

/** azure-native's own words, before it sends anything (provider/pkg/provider/provider.go, Create). */
const alreadyExisting = /cannot create already existing resource '([^']+)'/;

/** The id of a resource that azure-native refuses to create since it exists; undefined for any other message. */
export const existingIdOf = (message: string): string | undefined => alreadyExisting.exec(message)?.[1];

const codeWithoutAzure = (message: string): string => {
  if (existingIdOf(message) !== undefined) return "AlreadyExists";
  if (/deadline exceeded|timed? ?out/i.test(message)) return "Timeout";
  if (/connection (refused|reset)|no such host|EOF\b|ECONNRE|ENOTFOUND/i.test(message)) return "Network";
  return "Unknown";
};

/**
 * Reads the engine's error diagnostics: one failure a resource, by its first message that names a code.
 *
 * @param diagnostics errors in the engine's order; those without a URN concern the run and are left out
 */
export function failuresOf(
  diagnostics: readonly { readonly urn?: string; readonly message: string }[],
): FailedResource[] {
  const byUrn = new Map<string, FailedResource>();
  for (const { urn, message } of diagnostics) {
    if (urn === undefined || isStack(urn)) continue;
    const found = failureOf(urn, message);
    const before = byUrn.get(urn);
    if (before === undefined || (before.code === "Unknown" && found.code !== "Unknown")) byUrn.set(urn, found);
  }
  return [...byUrn.values()];
}

/** The stack itself is told that "update failed" whenever something in it has. */
const isStack = (urn: string): boolean => urn.includes("::pulumi:pulumi:Stack::");

function failureOf(urn: string, message: string): FailedResource {
  const name = nameOf(urn);
  const status = Number(firstMatch(statusPatterns, message)) || undefined;
  const code = firstMatch(codePatterns, message) ?? codeWithoutAzure(message);
  const seconds = Number(retryAfter.exec(message)?.[1] ?? NaN);
  return {
    urn,
    name,
    region: regionOf(name),
    status,
    code,
    message,
    ...(Number.isFinite(seconds) && { retryAfterMs: seconds * 1000 }),
    advice: adviceOf(code, status),
  };
}
