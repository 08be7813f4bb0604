import { Chain } from "./components/chain";
import { Contracts, type DeployedContract, type MadeCall } from "./components/contracts";
import { applyEngineSpeed } from "./components/engine-speed";
import { Mesh } from "./components/mesh";
import { createGlobalEntry } from "./components/global-entry";
import { applyPhases } from "./components/phases";
import { Region } from "./components/region";
import { tagsOf } from "./components/tags";
import { applyTimeouts } from "./components/timeouts";
import { announceBudget, readContracts, readFleet } from "./config";
import { logicalName } from "./regions/naming";
import { transforms } from "./transforms";

const fleet = readFleet();
const contractArgs = readContracts(fleet);
announceBudget(fleet);
applyEngineSpeed(fleet.engine);
applyTimeouts();
const barriers = applyPhases(fleet.phases);

// What all regions share: validator keys, the genesis made of them, and the list of peers.
const chain = new Chain(logicalName("global", "chain"), {
  settings: fleet.chain,
  regions: fleet.regions,
  supernet: fleet.network.supernet,
  protect: fleet.protect,
});

// One mesh joins their networks; each region adds its own.
const mesh = new Mesh(logicalName("global", "mesh"), {
  location: fleet.network.globalLocation,
  regions: fleet.regions.map(({ name }) => name),
  protect: fleet.protect,
  tags: tagsOf(fleet, "global"),
  transform: transforms.mesh,
});

// One name for all regions' RPC gateways, if there is to be one. It knows them by name alone.
const entry = createGlobalEntry(logicalName("global", "entry"), fleet, mesh, transforms.entry);

// The regions know the chain and the mesh, and nothing of each other: one may fail, or be targeted, alone.
for (const { name: region } of fleet.regions) {
  const own = { region, frontDoorId: entry?.frontDoorId, transforms: transforms.region?.(region) };
  new Region(logicalName(region, "region"), { ...own, chain, mesh, fleet });
}

// Each chain's contracts wait for blocks at its addresses, not for resources: no edge to a region.
const deployed = contractArgs.map(
  (args) => [args.chain, new Contracts(logicalName(args.chain, "contracts"), args)] as const,
);

// Where the configuration wants it, each phase of the deployment waits for the one before, in all regions.
barriers.close();

/** The regions, in the order of the configuration. */
export const regions = fleet.regions.map(({ name }) => name);

/** Where each validator is, the account that signs its blocks, and the URL at which its peers reach it. */
export const validators = chain.validators.map(({ region, ordinal, host, address, enode }) => ({
  name: logicalName(region, "validator", ordinal),
  host,
  address,
  enode,
}));

/** The name that leads to the nearest healthy RPC gateway, if there is one. */
export const rpc = entry?.host ?? null;

/** The contracts of each chain by logical name: address, creating transaction, and the verdict of the verification. */
export const contracts: Readonly<Record<string, Readonly<Record<string, DeployedContract>>>> = Object.fromEntries(
  deployed.map(([name, { contracts: own }]) => [name, own]),
);

/** The calls of each chain after its deployments, by logical name: the contract's address and the transaction. */
export const calls: Readonly<Record<string, Readonly<Record<string, MadeCall>>>> = Object.fromEntries(
  deployed.map(([name, { calls: own }]) => [name, own]),
);
