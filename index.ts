import { Contracts, type DeployedContract, type MadeCall } from "./components/contracts";
import { applyEngineSpeed } from "./components/engine-speed";
import { applyPhases } from "./components/phases";
import { Region } from "./components/region";
import { createShared, handOver, readShared } from "./components/shared";
import { applyTimeouts } from "./components/timeouts";
import { announceBudget, readContracts, readFleet, readScope } from "./config";
import { logicalName } from "./regions/naming";
import { transforms } from "./transforms";

const fleet = readFleet();
// All of the network, or the part that this stack holds: what is shared, one region, or the contracts.
const { scope, regions: ownRegions } = readScope(fleet);
const contractArgs = scope === "fleet" || scope === "contracts" ? readContracts(fleet) : [];
if (scope === "fleet" || scope === "global") announceBudget(fleet);
applyEngineSpeed(fleet.engine);
applyTimeouts();
const barriers = applyPhases(fleet.phases);

// What all regions share: validator keys, the genesis and the list of peers made of them, mesh, global entry, monitoring.
const made = scope === "fleet" || scope === "global" ? createShared(fleet, transforms) : undefined;
const shared = made ?? (scope === "region" ? readShared(fleet) : undefined);

// The regions know what is shared, and nothing of each other: one may fail, or be targeted, alone.
for (const region of ownRegions) {
  if (shared === undefined) break; // no scope with regions has none
  const { chain, mesh, frontDoorId, monitoring } = shared;
  const own = { region, frontDoorId, monitoring, transforms: transforms.region?.(region) };
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
export const validators = shared?.chain.validators
  .filter(({ region }) => made !== undefined || ownRegions.includes(region))
  .map(({ region, ordinal, host, address, enode }) => ({
    name: logicalName(region, "validator", ordinal),
    host,
    address,
    enode,
  }));

/** The name that leads to the nearest healthy RPC gateway, if there is one. */
export const rpc = made?.rpc ?? null;

/** The Grafana that the dashboards of `meridian monitoring render` are for, if there is one. */
export const grafana = made?.grafana ?? null;

/** The contracts of each chain by logical name: address, creating transaction, and the verdict of the verification. */
export const contracts: Readonly<Record<string, Readonly<Record<string, DeployedContract>>>> = Object.fromEntries(
  deployed.map(([name, { contracts: own }]) => [name, own]),
);

/** The calls of each chain after its deployments, by logical name: the contract's address and the transaction. */
export const calls: Readonly<Record<string, Readonly<Record<string, MadeCall>>>> = Object.fromEntries(
  deployed.map(([name, { calls: own }]) => [name, own]),
);

/** What a `global` stack hands over to those of its regions; `keys` is secret. */
const handed = scope === "global" && made !== undefined ? handOver(made) : undefined;
export const { handedOver, keys } = handed ?? {};
