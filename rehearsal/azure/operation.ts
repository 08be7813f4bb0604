import type { OperationKind } from "../clock/scheduler";
import type { ArmRefusal } from "./arm";
import type { Demand } from "./quotas";

/** What an operation does to whatever stands behind the model (a simulated cloud); a forecast has none. */
export interface CloudSide {
  /** azure-native's look before it creates: what it says of a resource that is there already. */
  existing?(nowMs: number): ArmRefusal | undefined;
  /** ARM's own checks of the request. */
  judge?(nowMs: number): ArmRefusal | undefined;
  /** Azure has taken the request and begins to work. @param endsMs when it will have finished */
  accepted?(nowMs: number, endsMs: number): void;
  /** Azure has finished, well or not. */
  settled?(state: "Succeeded" | "Failed", nowMs: number): void;
}

/** An operation of the engine on one Azure resource. */
export interface WorldOperation {
  readonly urn: string;
  readonly kind: OperationKind;
  /** Type token, e.g. `azure-native:containerservice:ManagedCluster`. */
  readonly type: string;
  /** ARM id; what stands for it in a forecast must have the parents' ids as its prefix to meet their locks. */
  readonly resourceId: string;
  /** See `regionOf`. */
  readonly region: string;
  /** How long Azure works on it, requests included, in whole milliseconds. */
  readonly durationMs: number;
  /** What it takes of the quotas. @default nothing */
  readonly demand?: Demand;
  /** Principal of a role assignment that does not set principalType. */
  readonly principalId?: string;
  /** Principal that this identity will be known by. */
  readonly createsPrincipal?: string;
  readonly cloud?: CloudSide;
}

/** What became of an operation. */
export interface OperationRecord {
  readonly startMs: number;
  readonly endMs: number;
  readonly outcome: "succeeded" | "failed";
  /** The last answer, when it failed. */
  readonly error?: ArmRefusal;
  /** What a failure leaves in Azure: "accepted" is still being worked on, or was finished unobserved. */
  readonly left: "nothing" | "accepted" | "failed" | "succeeded";
  /** Intervals in which it waited because of an answer 429, in milliseconds of virtual time. */
  readonly throttledMs: readonly (readonly [number, number])[];
  /** Of those, what it waited for another operation's write lock, added up. */
  readonly lockWaitMs: number;
  readonly retries: number;
  readonly requests: number;
  /** `--fault`s that it met, as they were written. */
  readonly faults: readonly string[];
}
