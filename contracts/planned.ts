import { compileContracts } from "./compile";
import { ContractsError } from "./errors";
import type { ContractOptions } from "./options";
import { planChain, type PlannedContract } from "./plan";

/** The address is not the one that was predicted when the command was made. */
export class PredictionChangedError extends ContractsError {}

/** The one contract that a command line names, and the graph that it is part of. */
export interface PlannedInGraph {
  readonly planned: PlannedContract;
  /** All contracts of its chain. */
  readonly graph: readonly PlannedContract[];
}

/** Plans the chain of a command line. @throws {SuiteError}, {PredictionChangedError} */
export function plannedContract(options: ContractOptions): PlannedInGraph {
  const { suite, chain, contract, salt, settings, expectedAddress } = options;
  const graph = planChain(chain, settings, salt, compileContracts(undefined, suite), suite);
  const planned = graph.find((each) => each.contract === contract);
  if (planned === undefined) throw new ContractsError(`${chain} has no ${contract}.`, "See the suite.");
  if (expectedAddress !== undefined && expectedAddress !== planned.address) {
    throw new PredictionChangedError(
      `${planned.name} would be at ${planned.address} now, but ${expectedAddress} was predicted.`,
      "Its source or its arguments changed since the preview: run pulumi preview again.",
    );
  }
  return { planned, graph };
}
