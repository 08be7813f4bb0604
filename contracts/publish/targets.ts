import { PublishInputError } from "./errors";
import { serviceNames, type ServiceName } from "./service";

/** Where contracts of a chain go: an http(s) address, or `public` for the service's own. */
export type Endpoint = string;

/** `meridian:contracts.publish`: the services of each chain. */
export type PublishSettings = Readonly<Partial<Record<string, Readonly<Partial<Record<ServiceName, Endpoint>>>>>>;

/** What the command line says of services. */
export interface PublishFlags {
  /** Undefined: those that the configuration names. */
  readonly services?: readonly ServiceName[];
  /** Addresses that go before the configuration's. */
  readonly urls: Readonly<Partial<Record<ServiceName, string>>>;
}

/** One service of one chain. */
export interface Target {
  readonly chain: string;
  readonly service: ServiceName;
  readonly url: string;
}

/**
 * The services' own addresses (their documentation, read 2026-11-21) for the chains of Meridian's own suite. Blockscout
 * has one instance a chain.
 */
const publicUrls: Readonly<Partial<Record<string, Readonly<Partial<Record<ServiceName, string>>>>>> = {
  // A private chain: no public service can see its contracts.
  chain138: {},
  chain1: {
    sourcify: "https://sourcify.dev/server",
    blockscout: "https://eth.blockscout.com",
    etherscan: "https://api.etherscan.io",
  },
};

/** The word for the service's own address. */
export const PUBLIC = "public";

/**
 * Services that contracts go to, chain by chain. Nothing is published unless the command line or the configuration
 * says so, and nothing of a private chain without an address of one's own. Pure.
 *
 * @throws {PublishInputError} when what was asked for is nowhere possible, or an address is none
 */
export function targetsOf(chains: readonly string[], settings: PublishSettings, flags: PublishFlags): Target[] {
  if (flags.urls.blockscout !== undefined && chains.length > 1) {
    throw new PublishInputError("A Blockscout is of one chain, and --blockscout-url goes to two.", "Give --chain.");
  }
  const found = chains.flatMap((chain) =>
    serviceNames.flatMap((service): Target[] => {
      const configured = settings[chain]?.[service];
      if (flags.services === undefined ? configured === undefined : !flags.services.includes(service)) return [];
      const given = flags.urls[service] ?? configured ?? PUBLIC;
      const url = given === PUBLIC ? publicUrls[chain]?.[service] : given;
      if (url === undefined && configured !== PUBLIC) return [];
      return [{ chain, service, url: checked(url, chain, service) }];
    }),
  );
  for (const service of flags.services ?? []) {
    if (!found.some((target) => target.service === service)) throw nowhere(service, chains);
  }
  return found;
}

function checked(url: string | undefined, chain: string, service: ServiceName): string {
  if (url === undefined) throw nowhere(service, [chain]);
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !/^https?:$/.test(parsed.protocol) || parsed.username !== "" || parsed.password !== "") {
    throw new PublishInputError(
      `The address of ${service} for ${chain} is no http(s) address without user and password.`,
      `Correct --${service}-url, or meridian:contracts.publish.${chain}.${service}.`,
    );
  }
  return url;
}

const nowhere = (service: ServiceName, chains: readonly string[]): PublishInputError =>
  new PublishInputError(
    `There is no public ${service} for ${chains.join(" or ")}: it is a private chain, or one of a suite of your own.`,
    `Give --${service}-url, or meridian:contracts.publish.<chain>.${service}, for one of your own.`,
  );

/** Whether requests to an address stay on this machine. */
const isLocal = ({ hostname }: URL): boolean => /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);

/**
 * Refuses to send a key where others could read it on its way. Pure.
 * @throws {PublishInputError}
 */
export function requireSafe({ service, url }: Target, apiKey: string | undefined): void {
  const parsed = new URL(url);
  if (apiKey === undefined || parsed.protocol === "https:" || isLocal(parsed)) return;
  throw new PublishInputError(
    `The API key of ${service} would go to ${parsed.origin} unencrypted.`,
    "Give an https address, or unset the key for an instance that wants none.",
  );
}
