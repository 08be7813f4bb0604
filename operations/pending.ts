import { MeridianError } from "../errors";

/** A resource as `pulumi stack export` writes it, as far as it matters here; the rest is kept as it is. */
export interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly id?: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
  /** False for components, which no provider makes. */
  readonly custom?: boolean;
  readonly parent?: string;
  /** `urn::id` of the provider. */
  readonly provider?: string;
  /** An old copy that is still to be deleted. */
  readonly delete?: boolean;
  /** Deleted already, its successor with the same name not created yet. */
  readonly pendingReplacement?: boolean;
  readonly initErrors?: readonly string[];
}

/** What the engine had begun when it ended. */
export interface PendingOperation {
  readonly resource: StateResource;
  readonly type: "creating" | "updating" | "deleting" | "reading" | "importing";
}

/** `pulumi stack export`: secrets are encrypted in it. */
export interface StackState {
  readonly version: number;
  readonly deployment: {
    readonly resources?: readonly StateResource[];
    readonly pending_operations?: readonly PendingOperation[];
  };
}

/** A resource that the cloud has. */
export interface Found {
  readonly id: string;
  /** "failed": it exists, and has to be written again. */
  readonly state: "succeeded" | "failed";
  /** How much longer the cloud worked on it after the engine's end, in milliseconds. */
  readonly remainingMs?: number;
}

/** What was found of one pending operation, and what is done about it. */
export interface Finding {
  readonly urn: string;
  readonly operation: PendingOperation["type"];
  /**
   * adopted: into the stack; absent: will be created; repeat: the run does it again; refresh: compared with the cloud;
   * asked: nobody knows before the run, whose provider refuses to create what exists.
   */
  readonly decision: "adopted" | "absent" | "repeat" | "refresh" | "asked";
  readonly id?: string;
  /** For people: what happened, and what is done. */
  readonly explanation: string;
}

/** The state cannot be read or written as expected. */
export class StateError extends MeridianError {
  override readonly name = "StateError";
}

/** @throws StateError for what is no exported state of version 3 */
export const parseState = (text: string): StackState => {
  const state = JSON.parse(text) as Partial<StackState> | null;
  if (state?.version === 3 && typeof state.deployment === "object") return state as StackState;
  throw new StateError(`The exported state has version ${String(state?.version)}; version 3 is understood.`, {
    hint: "Run npx meridian doctor: another pulumi may have written it.",
  });
};

/** The operations that the engine had begun and never heard the end of. */
export const pendingOperations = ({ deployment }: StackState): readonly PendingOperation[] =>
  deployment.pending_operations ?? [];

/** What the cloud has of a resource: undefined when it has nothing; "none" for what no cloud keeps; "unknown" without a look. */
export type Finder = (
  resource: StateResource,
) => Promise<Found | "none" | "unknown" | undefined> | Found | "none" | "unknown" | undefined;

/** Looks at each pending operation. */
export const examine = async (
  operations: readonly PendingOperation[],
  find: Finder,
): Promise<readonly (Finding & { readonly found?: Found })[]> =>
  Promise.all(
    operations.map(async ({ resource, type: operation }) => {
      const base = { urn: resource.urn, operation };
      if (operation !== "creating" && operation !== "importing") {
        const explanation = `was ${operation === "updating" ? "being updated" : `in the middle of ${operation}`}: it is compared with the cloud, and the run does what is left`;
        return { ...base, decision: "refresh", explanation };
      }
      const found = await find(resource);
      if (found === "none") {
        return {
          ...base,
          decision: "repeat",
          explanation: "leaves nothing behind that the stack must know: it is made again",
        };
      }
      if (found === "unknown") {
        return {
          ...base,
          decision: "asked",
          explanation:
            "was being created when the engine ended: if the cloud has it, this run is told so and takes it in",
        };
      }
      if (found === undefined) {
        return { ...base, decision: "absent", explanation: "never reached the cloud: it will be created" };
      }
      const waited =
        found.remainingMs === undefined || found.remainingMs === 0
          ? ""
          : `, ${(found.remainingMs / 1000).toFixed(0)} s after the engine ended`;
      const explanation =
        found.state === "failed"
          ? "exists in the cloud in a failed state: it is taken into the stack, and written again"
          : `was finished by the cloud${waited}: it is taken into the stack`;
      return { ...base, decision: "adopted", id: found.id, explanation, found };
    }),
  );

/**
 * The state with every pending operation settled: what was found is a resource of the stack, as the engine would have
 * written it, with the inputs and dependencies of its pending operation. Nothing that the stack has is dropped, but for
 * the copy that a finished replacement had deleted first. (`pulumi stack import` keeps no pending operation anyway.)
 */
export const settle = (state: StackState, findings: readonly (Finding & { readonly found?: Found })[]): StackState => {
  const { pending_operations: pending = [], ...deployment } = state.deployment;
  let resources = [...(deployment.resources ?? [])];
  for (const { resource } of pending) {
    const found = findings.find(({ urn, decision }) => urn === resource.urn && decision === "adopted")?.found;
    if (found === undefined) continue;
    resources = resources
      .filter((old) => old.urn !== resource.urn || old.pendingReplacement !== true)
      .map((old) => (old.urn === resource.urn ? { ...old, delete: true } : old));
    const failed = found.state === "failed" ? { initErrors: ["found in a failed state"] } : {};
    resources.push({ ...resource, id: found.id, outputs: resource.outputs ?? {}, ...failed });
  }
  return { ...state, deployment: { ...deployment, resources } };
};

/** URNs whose state must be read from the cloud: what was adopted, and what was being changed. */
export const toRefresh = (findings: readonly Finding[]): string[] => [
  ...new Set(findings.flatMap(({ urn, decision }) => (decision === "adopted" || decision === "refresh" ? [urn] : []))),
];
