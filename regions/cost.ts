import prices from "./data/prices.json";
import { type DiskSku, diskSku } from "./disk-sku";

/** Hours of the month that prices are shown for, as in Azure's own calculator. */
export const HOURS_A_MONTH = 730;

/** Size of a validator's disk, in GiB; also what a P10 disk holds (Azure docs, "Azure managed disk types"). */
const VALIDATOR_DISK_GIB = 128;

/** As much of a fleet as its price depends on. */
export interface PricedFleet {
  readonly regions: readonly {
    readonly name: string;
    readonly validators: number;
    /** The region's RPC nodes, at their least. @default none */
    readonly rpc?: { readonly nodes: number; readonly vmSize: string; readonly diskGiB: number } | undefined;
  }[];
  readonly tier: "Standard" | "Free";
  readonly systemVmSize: string;
  readonly systemNodes: number;
  readonly validatorVmSize: string;
  /** Of each region. @default one a validator */
  readonly validatorNodes?: number | undefined;
  readonly disks: "auto" | DiskSku;
  /** Whether each region's RPC gateway has a public address. */
  readonly publicRpc: boolean;
  readonly frontDoor: boolean;
  /** Whether metrics are collected. @default not */
  readonly monitoring?: boolean;
  /** Snapshots of each validator's disk, where they are taken. */
  readonly snapshots: { readonly enabled: boolean; readonly keep: number };
}

/** Things of one kind, and what they cost together. */
export interface CostLine {
  readonly what: string;
  readonly count: number;
  /** Lowest and highest price of one, in USD an hour or a month as the source has it. */
  readonly usdEach: readonly [number, number];
  readonly unit: string;
  readonly usdAMonth: number;
  /** Where the price comes from, and its date. */
  readonly source: string;
}

export interface Cost {
  readonly lines: readonly CostLine[];
  /** The sum of what is known. */
  readonly usdAMonth: number;
  /** What has a price that is not known here, or a volume that nobody knows; never counted as nothing. */
  readonly unknown: readonly string[];
}

/** What every fleet has besides, by what it is billed for. */
const BILLED_BY_USE: readonly string[] = [
  "traffic between regions, and out of the NAT gateways, by volume",
  "log ingestion, by volume",
  "private endpoints and private DNS zones",
  "the virtual network manager",
  "OS disks of the nodes",
  "load balancers' rules and volume",
  "operations of the Key Vaults",
];

type Item = keyof typeof prices.others;
const machines: Readonly<Record<string, Readonly<Record<string, number>>>> = prices.virtualMachines.usd;

/**
 * What a fleet costs in a month of 730 hours at list prices, pay as you go, in USD.
 *
 * Virtual machines at each region's own price, everything else at the one region whose price is in data/prices.json.
 */
export function costOf(fleet: PricedFleet): Cost {
  const nodes = fleet.regions.flatMap(({ name, validators, rpc }) => [
    { name, size: fleet.systemVmSize, count: fleet.systemNodes },
    { name, size: fleet.validatorVmSize, count: fleet.validatorNodes ?? validators },
    ...(rpc === undefined ? [] : [{ name, size: rpc.vmSize, count: rpc.nodes }]),
  ]);
  const unpriced = nodes.filter(({ name, size }) => machines[size]?.[name] === undefined);
  const sizes = [...new Set(nodes.map(({ size }) => size))];
  const disks = fleet.regions.flatMap(({ name, validators, rpc }) => {
    const sku = diskSku(name, fleet.disks);
    const own = { sku, gib: VALIDATOR_DISK_GIB, count: validators };
    return rpc === undefined ? [own] : [own, { sku, gib: rpc.diskGiB, count: rpc.nodes }];
  });
  const v2GiB = sum(disks.filter(({ sku }) => sku === "PremiumV2_LRS").map(({ gib, count }) => gib * count));
  const premium = disks.filter(({ sku }) => sku === "Premium_LRS");
  const p10 = sum(premium.filter(({ gib }) => gib === VALIDATOR_DISK_GIB).map(({ count }) => count));
  const otherPremium = premium.filter(({ gib }) => gib !== VALIDATOR_DISK_GIB);
  const addresses = fleet.regions.flatMap(({ rpc }) => (fleet.publicRpc && rpc !== undefined ? [1, 1] : [1])).length;
  const clusters = fleet.regions.length;

  const lines = [
    ...sizes.map((size) => machineLine(size, nodes)),
    ...(fleet.tier === "Standard" ? [itemLine("AKS clusters, Standard tier", clusters, "aks-standard-tier")] : []),
    itemLine("NAT gateways", clusters, "nat-gateway-standard"),
    itemLine("public addresses", addresses, "public-ip-standard-static-ipv4"),
    itemLine("GiB of Premium SSD v2, at the free rates", v2GiB, "disk-premium-ssd-v2-lrs-capacity"),
    itemLine("disks Premium SSD P10", p10, "disk-premium-ssd-p10-lrs"),
    itemLine("Front Door profiles, Standard", fleet.frontDoor ? 1 : 0, "front-door-standard-base"),
  ].filter(({ count }) => count > 0);
  return {
    lines,
    usdAMonth: sum(lines.map(({ usdAMonth }) => usdAMonth)),
    unknown: [
      ...unpriced.map(({ name, size, count }) => `${count} nodes ${size} in ${name}: no price`),
      ...otherPremium.map(({ gib, count }) => `${count} disks Premium SSD of ${gib} GiB: no price`),
      ...(fleet.snapshots.enabled ? [snapshotsOf(fleet)] : []),
      ...(fleet.monitoring === true ? [MONITORING] : []),
      ...(fleet.frontDoor ? ["Front Door's requests and traffic, by volume"] : []),
      ...BILLED_BY_USE,
    ],
  };
}

const MONITORING = "managed Prometheus by samples taken in and asked for, Grafana by instance and user: no price";

/** The first snapshot of a disk is billed for all that is on it, each later one for what has changed. */
function snapshotsOf({ regions, snapshots: { keep } }: PricedFleet): string {
  const disks = sum(regions.map(({ validators }) => validators));
  return `snapshots of ${disks} validators' disks, ${keep} of each, by volume: no price`;
}

interface Nodes {
  readonly name: string;
  readonly size: string;
  readonly count: number;
}

/** The nodes of one size, of the regions whose price is known. */
function machineLine(size: string, nodes: readonly Nodes[]): CostLine {
  const priced = nodes.flatMap(({ name, size: own, count }) => {
    const usd = machines[size]?.[name];
    return own === size && usd !== undefined ? [{ usd, count }] : [];
  });
  const each = priced.map(({ usd }) => usd);
  const { source, date, unit } = prices.virtualMachines;
  return {
    what: `nodes ${size}`,
    count: sum(priced.map(({ count }) => count)),
    usdEach: [Math.min(...each), Math.max(...each)],
    unit,
    usdAMonth: sum(priced.map(({ usd, count }) => usd * count)) * HOURS_A_MONTH,
    source: `${source}, ${date}`,
  };
}

function itemLine(what: string, count: number, item: Item): CostLine {
  const { usd, unit, region, source, date } = prices.others[item];
  const months = unit.endsWith("hour") ? HOURS_A_MONTH : 1;
  const usdEach = [usd, usd] as const;
  return { what, count, usdEach, unit, usdAMonth: count * usd * months, source: `${source}, ${region}, ${date}` };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const usd = (value: number): string => Math.round(value).toLocaleString("en-US");

/** The cost as a Markdown table, with the sum and what is not in it. */
export function renderCost({ lines, usdAMonth, unknown }: Cost): string {
  const range = ([low, high]: CostLine["usdEach"]) => (low === high ? String(low) : `${low} to ${high}`);
  const rows = lines.map(
    ({ what, count, usdEach, unit, usdAMonth: month }) =>
      `| ${count.toLocaleString("en-US")} ${what} | ${range(usdEach)} a ${unit} | ${usd(month)} |`,
  );
  return [
    ...["| what | price, USD | a month, USD |", "| --- | --- | ---: |", ...rows],
    ...[`| **sum of what is known** | | **${usd(usdAMonth)}** |`, "", "Not in the sum:", ""],
    ...unknown.map((what) => `- ${what}`),
  ].join("\n");
}
