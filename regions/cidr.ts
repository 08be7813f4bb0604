/** An IPv4 network as numbers: the first address, and the length of its prefix in bits. */
export interface Network {
  readonly base: number;
  readonly prefix: number;
}

/** The number of an IPv4 address: `10.0.0.1` is 167772161. */
export const parseAddress = (address: string): number =>
  address.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);

/** The address of a number from 0 to 2^32 - 1. */
export const formatAddress = (value: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");

/** `10.0.0.0/8`. */
export const formatNetwork = ({ base, prefix }: Network): string => `${formatAddress(base)}/${prefix}`;

/** Addresses in a network. */
export const sizeOf = ({ prefix }: Network): number => 2 ** (32 - prefix);

/** Network number `n` of those with the longer `prefix` that lie in a network. */
export const subnetOf = (network: Network, prefix: number, n: number): Network => ({
  base: network.base + n * sizeOf({ base: 0, prefix }),
  prefix,
});

/** Whether two networks share an address. */
export const overlaps = (a: Network, b: Network): boolean => a.base < b.base + sizeOf(b) && b.base < a.base + sizeOf(a);

/** Reads `a.b.c.d/p`, or undefined for anything else; bits after the prefix are kept, so the caller may refuse them. */
export function parseNetwork(text: string): Network | undefined {
  const match = /^(\d{1,3}(?:\.\d{1,3}){3})\/(\d{1,2})$/.exec(text);
  const [, address = "", bits = ""] = match ?? [];
  const prefix = Number(bits);
  if (match === null || prefix > 32 || address.split(".").some((octet) => Number(octet) > 255)) return undefined;
  return { base: parseAddress(address), prefix };
}

/** The network that an address with bits after the prefix belongs to. */
export const withoutHostBits = (network: Network): Network => ({
  base: network.base - (network.base % sizeOf(network)),
  prefix: network.prefix,
});
