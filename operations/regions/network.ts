import { MeridianError } from "../../errors";
import type { Fleet } from "../../fleet";
import { validatorAddress } from "../../regions/addressing";
import { azureName } from "../../regions/naming";
import { suggest } from "../../regions/suggest";

/** A validator, as its operators know it. */
export interface OperatedValidator {
  readonly region: string;
  /** Its number within the region, from 0. */
  readonly ordinal: number;
  /** Where its JSON-RPC answers. */
  readonly url: string;
  /** Where its metrics are, in Prometheus' text format; undefined where nobody asks for them. */
  readonly metricsUrl?: string;
}

export interface OperatedRegion {
  /** Azure's name of the region. */
  readonly name: string;
  readonly resourceGroup: string;
  readonly cluster: string;
  readonly validators: readonly OperatedValidator[];
}

/** A deployed stack, as its operators see it: names and addresses alone, which follow from the configuration. */
export interface OperatedNetwork {
  readonly stack: string;
  /** Every region, in the order of the configuration. */
  readonly regions: readonly OperatedRegion[];
  readonly blockPeriodSeconds: number;
  readonly requestTimeoutSeconds: number;
}

/** What the operations act on, from a stack's configuration. */
export function operatedNetwork(fleet: Fleet, stack: string): OperatedNetwork {
  const { validatorUrl, metricsUrl } = fleet.operations;
  return {
    stack,
    regions: fleet.regions.map(({ name, validators }) => ({
      name,
      resourceGroup: azureName("resourceGroup", stack, name),
      cluster: azureName("managedCluster", stack, name),
      validators: Array.from({ length: validators }, (_, ordinal) => {
        const host = validatorAddress(name, ordinal, fleet.network.supernet);
        const [url, metrics] = [validatorUrl, metricsUrl].map((template) => template.replaceAll("{host}", host));
        return { region: name, ordinal, url: url ?? "", metricsUrl: metrics ?? "" };
      }),
    })),
    blockPeriodSeconds: fleet.chain.blockPeriodSeconds,
    requestTimeoutSeconds: fleet.chain.requestTimeoutSeconds,
  };
}

/**
 * The regions that a command line names, in the order of the configuration.
 *
 * @param names of regions, each once or more; `all` stands for every one, and so does none at all
 * @throws MeridianError for a region that the stack does not have
 */
export function chooseRegions({ stack, regions }: OperatedNetwork, names: readonly string[]): OperatedRegion[] {
  const known = regions.map(({ name }) => name);
  for (const name of names) {
    if (name === "all" || known.includes(name)) continue;
    const near = suggest(name, known);
    const hint = near === undefined ? "" : ` Did you mean "${near}"?`;
    throw new MeridianError(
      `The stack ${stack} has no region "${name}".${hint} Allowed: all, or of ${known.join(", ")}.`,
    );
  }
  return names.length === 0 || names.includes("all")
    ? [...regions]
    : regions.filter(({ name }) => names.includes(name));
}

/** The placement of the validators, for the arithmetic of `regions/`. */
export const placementOf = ({ regions }: OperatedNetwork) =>
  regions.map(({ name, validators }) => ({ name, validators: validators.length }));
