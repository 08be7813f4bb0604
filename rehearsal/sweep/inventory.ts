import { parseState, pendingOperations } from "../../operations/pending";
import type { Rehearsal } from "../rehearsal";

/** What a stack and its cloud hold. */
export interface Inventory {
  /** URNs of the stack's resources, sorted. */
  readonly urns: readonly string[];
  /** ARM ids of the stack's resources of Azure, in lower case, sorted. */
  readonly ids: readonly string[];
  /** ARM ids of what the simulated Azure has, in lower case, sorted. */
  readonly cloud: readonly string[];
  /** Operations that the engine began and never heard the end of. */
  readonly pending: number;
}

const comparable = (id: string): string => id.toLowerCase();

/** Takes stock. */
export const inventoryOf = async (rehearsal: Rehearsal): Promise<Inventory> => {
  const state = parseState(await rehearsal.exportState());
  const resources = state.deployment.resources ?? [];
  return {
    urns: resources.map(({ urn }) => urn).sort(),
    ids: resources
      .filter(({ type }) => type.startsWith("azure-native:"))
      .map(({ id = "" }) => comparable(id))
      .sort(),
    cloud: rehearsal.cloud
      .below("/subscriptions/")
      .map(({ id }) => comparable(id))
      .sort(),
    pending: pendingOperations(state).length,
  };
};
