import { MeridianError } from "../errors";
import { lookupRegion } from "./catalogue";
import {
  formatAddress,
  formatNetwork,
  type Network,
  overlaps,
  parseAddress,
  parseNetwork,
  subnetOf,
  withoutHostBits,
} from "./cidr";

/** Where every region's addresses come from, unless the stack says otherwise. */
export const DEFAULT_SUPERNET = "10.0.0.0/8";

/** Regions for which a supernet has room: each gets 1/256 of it. */
export const REGION_BLOCK_BITS = 8;

/** The longest supernet prefix: a region's block is then a /22 and each of its subnets a /24. */
export const LONGEST_SUPERNET_PREFIX = 14;

/** The longest supernet prefix that has room for pods as well: a /20 of them, a /24 for each of 16 nodes. */
export const LONGEST_OVERLAY_SUPERNET_PREFIX = 11;

/** Regions that an address plan holds. Blocks 0 to 127 of the supernet are networks, 128 to 255 their overlays. */
export const MAX_REGIONS = 100;

/** The first block of a supernet that is pods and services. */
const FIRST_OVERLAY_BLOCK = 128;

/** Validators of one region that get a fixed address. */
export const MAX_VALIDATORS_PER_REGION = 100;

/** Azure keeps the first four addresses of a subnet (docs, virtual-networks-faq); ten is easier to read. */
const FIRST_LOAD_BALANCER_HOST = 10;

/** Host number of the RPC gateway's load balancer, behind all of the validators' (10 to 109). */
const RPC_HOST = 200;

/** The address ranges of one region, in CIDR notation. */
export interface RegionAddresses {
  readonly virtualNetwork: string;
  readonly subnets: {
    /** Fixed addresses of internal load balancers; no node takes an address there, so none can be taken. */
    readonly loadBalancers: string;
    readonly system: string;
    readonly validators: string;
    /** Addresses of Azure services inside the network, such as the region's Key Vault. */
    readonly privateEndpoints: string;
  };
}

/** The ranges inside one region's cluster, in CIDR notation; outside its virtual network, as AKS requires. */
export interface OverlayAddresses {
  /** Azure CNI overlay takes a /24 of it for each node. */
  readonly pods: string;
  readonly services: string;
  /** Address of the cluster's DNS service: the tenth of `services`. */
  readonly dnsService: string;
}

/** A supernet that cannot be divided among regions, an ordinal without an address, or a collision. */
export class AddressingError extends MeridianError {
  override readonly name = "AddressingError";
}

/**
 * The ranges of a region: block number `index` of the supernet, cut into quarters.
 *
 * They depend on the region and the supernet alone, so adding or removing regions moves nothing.
 *
 * @throws {UnknownRegionError} for a name that is no Azure region.
 * @throws {AddressingError} for a supernet that is not IPv4 CIDR, or longer than /14.
 */
export const addressRegion = (region: string, supernet = DEFAULT_SUPERNET): RegionAddresses =>
  addressBlock(lookupRegion(region).index, supernet);

/** As {@link addressRegion}, by the region's number in the catalogue: 0 to 99. */
export function addressBlock(index: number, supernet = DEFAULT_SUPERNET): RegionAddresses {
  const block = blockOf(requireIndex(index), parseSupernet(supernet));
  const quarter = (n: number) => formatNetwork(subnetOf(block, block.prefix + 2, n));
  return {
    virtualNetwork: formatNetwork(block),
    subnets: { loadBalancers: quarter(0), system: quarter(1), validators: quarter(2), privateEndpoints: quarter(3) },
  };
}

/**
 * The pods' and services' ranges of a region: block number 128 + `index` of the supernet, its first half and the first
 * eighth of its second half. As stable as {@link addressRegion}.
 *
 * @throws {UnknownRegionError} for a name that is no Azure region.
 * @throws {AddressingError} for a supernet that is not IPv4 CIDR, or longer than /11.
 */
export const overlayRegion = (region: string, supernet = DEFAULT_SUPERNET): OverlayAddresses =>
  overlayBlock(lookupRegion(region).index, supernet);

/** As {@link overlayRegion}, by the region's number in the catalogue: 0 to 99. */
export function overlayBlock(index: number, supernet = DEFAULT_SUPERNET): OverlayAddresses {
  const network = parseSupernet(supernet);
  if (network.prefix > LONGEST_OVERLAY_SUPERNET_PREFIX) {
    throw new AddressingError(
      `Supernet "${supernet}" is too small for pods. Give a network of /${LONGEST_OVERLAY_SUPERNET_PREFIX} or shorter.`,
    );
  }
  const block = blockOf(FIRST_OVERLAY_BLOCK + requireIndex(index), network);
  const services = subnetOf(block, block.prefix + 4, 8);
  return {
    pods: formatNetwork(subnetOf(block, block.prefix + 1, 0)),
    services: formatNetwork(services),
    dnsService: formatAddress(services.base + 10),
  };
}

/**
 * The fixed address of a validator's internal load balancer.
 *
 * @param ordinal 0 to 99, the validator's number within its region
 * @throws {AddressingError} for another ordinal; otherwise as {@link addressRegion}.
 */
export function validatorAddress(region: string, ordinal: number, supernet = DEFAULT_SUPERNET): string {
  if (!Number.isInteger(ordinal) || ordinal < 0 || ordinal >= MAX_VALIDATORS_PER_REGION) {
    throw new AddressingError(
      `Validator ${ordinal} of ${region} has no address. Give a number from 0 to ${MAX_VALIDATORS_PER_REGION - 1}.`,
    );
  }
  return loadBalancerAddress(region, FIRST_LOAD_BALANCER_HOST + ordinal, supernet);
}

/**
 * The fixed address of a region's internal RPC load balancer.
 *
 * @throws {UnknownRegionError} {AddressingError} as {@link addressRegion} does.
 */
export const rpcAddress = (region: string, supernet = DEFAULT_SUPERNET): string =>
  loadBalancerAddress(region, RPC_HOST, supernet);

function loadBalancerAddress(region: string, host: number, supernet: string): string {
  const [network = ""] = addressRegion(region, supernet).subnets.loadBalancers.split("/");
  return formatAddress(parseAddress(network) + host);
}

/**
 * Reads an IPv4 network.
 *
 * @throws {AddressingError} for anything but `a.b.c.d/p` with p at most 14 and no bits set after the prefix.
 */
export function parseSupernet(supernet: string): Network {
  const network = parseNetwork(supernet);
  if (network === undefined || network.prefix < 1 || network.prefix > LONGEST_SUPERNET_PREFIX) {
    throw new AddressingError(
      `Supernet "${supernet}" cannot be divided. Give an IPv4 network of /${LONGEST_SUPERNET_PREFIX} or shorter, such as ${DEFAULT_SUPERNET}.`,
    );
  }
  const clean = withoutHostBits(network);
  if (clean.base !== network.base) {
    throw new AddressingError(`Supernet "${supernet}" has host bits set. Give ${formatNetwork(clean)}.`);
  }
  return network;
}

/** Ranges that AKS uses itself: none of a cluster's may overlap them (Azure docs, "Configure Azure CNI networking"). */
const KEPT_BY_AKS = ["169.254.0.0/16", "172.30.0.0/16", "172.31.0.0/16", "192.0.2.0/24"];

/**
 * Refuses a plan in which a region's network, pods or services would collide with addresses that are in use elsewhere.
 *
 * @param reserved networks in CIDR notation, such as those behind a VPN; AKS' own are always included
 * @throws {AddressingError} for the first collision, with both ranges, for a range that is none, and for over 100
 * regions; otherwise as {@link addressRegion}.
 */
export function refuseCollisions(
  regions: readonly string[],
  reserved: readonly string[] = [],
  supernet = DEFAULT_SUPERNET,
): void {
  if (regions.length > MAX_REGIONS) {
    throw new AddressingError(`${regions.length} regions have no room. Give at most ${MAX_REGIONS}.`);
  }
  const withOverlay = parseSupernet(supernet).prefix <= LONGEST_OVERLAY_SUPERNET_PREFIX;
  const kept = [...reserved.map((range) => ({ range, owner: "reserved" })), ...KEPT_BY_AKS.map(ownedByAks)];
  for (const region of regions) {
    const { virtualNetwork } = addressRegion(region, supernet);
    const overlay = withOverlay ? overlayRegion(region, supernet) : undefined;
    const own = { "virtual network": virtualNetwork, pods: overlay?.pods, services: overlay?.services };
    for (const [what, range] of Object.entries(own)) {
      const hit = kept.find(
        (other) => range !== undefined && overlaps(requireNetwork(range), requireNetwork(other.range)),
      );
      if (hit === undefined) continue;
      throw new AddressingError(
        `${region}'s ${what} ${range ?? ""} collides with ${hit.range} (${hit.owner}). Give another supernet, or free that range.`,
      );
    }
  }
}

const ownedByAks = (range: string) => ({ range, owner: "kept by AKS" });

function requireNetwork(range: string): Network {
  const network = parseNetwork(range);
  if (network === undefined) {
    throw new AddressingError(`"${range}" is not an IPv4 network. Give one such as 192.168.0.0/16.`);
  }
  return withoutHostBits(network);
}

const blockOf = (n: number, supernet: Network): Network => subnetOf(supernet, supernet.prefix + REGION_BLOCK_BITS, n);

function requireIndex(index: number): number {
  if (Number.isInteger(index) && index >= 0 && index < MAX_REGIONS) return index;
  throw new AddressingError(`Region number ${index} has no addresses. Give 0 to ${MAX_REGIONS - 1}.`);
}
