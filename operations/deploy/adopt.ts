import {
  type Finding,
  parseState,
  type PendingOperation,
  pendingOperations,
  settle,
  type StackState,
} from "../pending";
import { existingIdOf } from "../retry/failures";
import { readAgain } from "./resume";
import type { EngineRun, FailedStep, ResumableStack } from "./stack";

/** A resource that the provider refused to create since it exists. */
interface Existing extends FailedStep {
  readonly id: string;
}

/** What a run was refused because it exists. */
export const existingOf = ({ diagnostics, failedSteps = [] }: EngineRun): readonly Existing[] =>
  diagnostics.flatMap(({ urn, message }) => {
    const id = existingIdOf(message);
    if (urn === undefined || id === undefined) return [];
    const type = urn.split("::")[2]?.split("$").at(-1) ?? "";
    return [{ ...(failedSteps.find((step) => step.urn === urn) ?? { urn, type }), id }];
  });

export interface TakeInOptions {
  /** Take in also what this stack has not begun. @default false */
  readonly importForeign?: boolean;
  /** What was pending before the run: the engine forgets a pending creation as soon as it fails to create it again. */
  readonly begun?: readonly PendingOperation[];
}

const explanations = {
  begun: "exists in the cloud, where an interrupted run of this stack had begun it: it is taken into the stack",
  foreign: "exists in the cloud and was not in the stack: it is imported",
} as const;

/**
 * The state with what exists taken in, and what was found of each. What the engine had begun itself comes with the inputs
 * and dependencies that it had written down; anything else with none, until it is read, and only where that is wanted.
 * @param options see `takeIn`
 */
export const adoptExisting = (
  state: StackState,
  existing: readonly Existing[],
  { importForeign = false, begun: earlier = [] }: TakeInOptions = {},
): { readonly state: StackState; readonly findings: readonly Finding[] } => {
  const pending = [...pendingOperations(state), ...earlier];
  const found = existing.flatMap((one) => {
    const begun = pending.find(({ resource, type }) => resource.urn === one.urn && type === "creating");
    return begun === undefined && !importForeign ? [] : [{ one, begun }];
  });
  const findings = found.map(({ one: { urn, id }, begun }) => ({
    ...{ urn, id, operation: begun?.type ?? ("importing" as const), decision: "adopted" as const },
    explanation: explanations[begun === undefined ? "foreign" : "begun"],
    found: { id, state: "succeeded" as const },
  }));
  const taken = found.map(({ one, begun }) => begun ?? importOf(one));
  const withTaken = { ...state, deployment: { ...state.deployment, pending_operations: taken } };
  return {
    state: settle(withTaken, findings),
    findings: findings.map(({ urn, id, operation, decision, explanation }) => ({
      ...{ urn, id, operation, decision, explanation },
    })),
  };
};

/** As the engine would have begun it, without inputs: reading it gives those that the cloud has. */
const importOf = ({ urn, type, parent, provider }: Existing): PendingOperation => ({
  type: "importing",
  resource: {
    ...{ urn, type, custom: true, inputs: {} },
    ...(parent !== undefined && { parent }),
    ...(provider !== undefined && { provider }),
  },
});

/**
 * To be called after a run: takes into the stack what it was refused because it exists, and reads it once. Nothing is
 * deleted, and nothing is written to the cloud.
 * @throws ResumeError when reading it fails
 */
export const takeIn = async (
  stack: ResumableStack,
  run: EngineRun,
  options: TakeInOptions = {},
): Promise<readonly Finding[]> => {
  const existing = existingOf(run);
  if (existing.length === 0) return [];
  const { state, findings } = adoptExisting(parseState(await stack.exportState()), existing, options);
  if (findings.length === 0) return [];
  await stack.importState(JSON.stringify(state));
  await readAgain(
    stack,
    findings.map(({ urn }) => urn),
  );
  return findings;
};
