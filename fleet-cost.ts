import type { Fleet } from "./fleet";
import { rpcOf } from "./fleet-rpc";
import type { PricedFleet } from "./regions/cost";

/** As much of a configuration as its price depends on. */
export function pricedFleet(fleet: Fleet): PricedFleet {
  const regions = fleet.regions.map(({ name, validators }) => {
    const rpc = rpcOf(fleet, name);
    const { vmSize = "", diskGiB = 0, minReplicas: nodes = 0 } = rpc ?? {};
    return { name, validators, rpc: rpc && { nodes, vmSize, diskGiB } };
  });
  const publicRpc = fleet.rpc.exposure === "public";
  return {
    ...fleet.cluster,
    snapshots: fleet.snapshots,
    regions,
    publicRpc,
    frontDoor: fleet.rpc.entry === "frontDoor",
    monitoring: fleet.monitoring.enabled,
  };
}
