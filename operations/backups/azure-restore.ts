import { MeridianError } from "../../errors";
import type { AzureClusters } from "../regions/azure-clusters";
import type { OperatedNetwork, OperatedRegion, OperatedValidator } from "../regions/network";
import { keyNameOf, listCommand, readSnapshots, startCommand, stopCommand, swapCommand } from "./kubectl";
import type { RestoreSide } from "./restore";

/** Restores in AKS: commands in the region's cluster, which need no way to its API server. */
export function azureRestore(clusters: Pick<AzureClusters, "run" | "secrets">, network: OperatedNetwork): RestoreSide {
  const regionOf = ({ region }: OperatedValidator): OperatedRegion => {
    const found = network.regions.find(({ name }) => name === region);
    if (found === undefined) throw new MeridianError(`The stack has no region ${region}.`);
    return found;
  };
  const run = (validator: OperatedValidator, command: string, signal: AbortSignal) =>
    clusters.run(regionOf(validator), command, signal);
  return {
    snapshots: async (validator, signal) => readSnapshots(await run(validator, listCommand(validator), signal)),
    keyKept: async (validator, signal) =>
      (await clusters.secrets(regionOf(validator), signal)).includes(keyNameOf(validator)),
    stop: async (validator, signal) => {
      await run(validator, stopCommand(validator), signal);
    },
    swapDisk: async (validator, snapshot, signal) =>
      (await run(validator, swapCommand(validator, snapshot), signal)).trim().split("\n").at(-1) ?? "",
    start: async (validator, signal) => {
      await run(validator, startCommand(validator), signal);
    },
  };
}
