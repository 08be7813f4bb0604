import { Blockscout } from "./blockscout";
import type { Clock } from "./clock";
import { PublishInputError } from "./errors";
import { Etherscan } from "./etherscan";
import { apiKeyOf, keyVariable } from "./keys";
import limits from "./limits.json";
import { Requester } from "./requester";
import type { ServiceName, VerificationService } from "./service";
import { Sourcify } from "./sourcify";
import { requireSafe, type Target } from "./targets";

export interface ServicesOptions {
  readonly clock: Clock;
  readonly environment?: NodeJS.ProcessEnv;
  /** For one request, in milliseconds. @default 30,000 */
  readonly requestTimeoutMs?: number;
  readonly onWait?: (service: ServiceName, reason: string, waitMs: number) => void;
}

const REQUEST_TIMEOUT_MS = 30_000;

/** A target, and the service behind it. */
export interface OpenTarget extends Target {
  readonly open: VerificationService;
}

/**
 * Connects targets to services; nothing is sent. Targets at one host with one key share a requester, and so its rate,
 * whatever their chain.
 *
 * @throws {PublishInputError} when a key is missing, unreadable, or would travel in the clear
 */
export function openServices(targets: readonly Target[], options: ServicesOptions): OpenTarget[] {
  const requesters = new Map<string, Requester>();
  return targets.map((target) => {
    const { service, url } = target;
    // Sourcify's API documents no key.
    const apiKey = service === "sourcify" ? undefined : apiKeyOf(service, options.environment);
    requireSafe(target, apiKey);
    const shared = `${service} ${new URL(url).host}`;
    const requester = requesters.get(shared) ?? makeRequester(service, apiKey, options);
    requesters.set(shared, requester);
    return { ...target, open: openOne(target, requester, apiKey) };
  });
}

function makeRequester(service: ServiceName, apiKey: string | undefined, options: ServicesOptions): Requester {
  const { clock, requestTimeoutMs = REQUEST_TIMEOUT_MS, onWait } = options;
  return new Requester({
    rate: limits[service],
    clock,
    requestTimeoutMs,
    secrets: apiKey === undefined ? [] : [apiKey],
    onWait: (reason, waitMs) => onWait?.(service, reason, waitMs),
  });
}

function openOne({ service, url }: Target, requester: Requester, apiKey: string | undefined): VerificationService {
  switch (service) {
    case "sourcify":
      return new Sourcify(url, requester);
    case "blockscout":
      return new Blockscout(url, requester, apiKey);
    case "etherscan":
      if (apiKey !== undefined) return new Etherscan(url, requester, apiKey);
      throw new PublishInputError(
        "Etherscan wants an API key, and there is none.",
        `Set ${keyVariable(service)}_FILE to a file of mode 600 that holds it, or ${keyVariable(service)} to the key.`,
      );
  }
}
