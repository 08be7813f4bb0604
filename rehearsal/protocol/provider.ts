import type { Work } from "../clock/virtual-clock";
import type { Difference } from "./difference";
import type { Properties } from "./values";

/** A resource as the engine names it in every call. */
export interface ResourceCall {
  readonly urn: string;
  /** Type token, e.g. `azure-native:network:VirtualNetwork`. */
  readonly type: string;
  /** Logical name, the last part of the URN. */
  readonly name: string;
}

export interface CheckCall extends ResourceCall {
  readonly inputs: Properties;
  /** Inputs of the last deployment; empty for a new resource. */
  readonly oldInputs: Properties;
  /** From the engine, the same for a resource in every check of one update. */
  readonly randomSeed: Uint8Array;
}

export interface CheckResult {
  readonly inputs: Properties;
  readonly failures: readonly { readonly property: string; readonly reason: string }[];
}

export interface DiffCall extends ResourceCall {
  readonly id: string;
  readonly oldInputs: Properties;
  readonly oldOutputs: Properties;
  readonly inputs: Properties;
}

export interface CreateCall extends ResourceCall {
  readonly inputs: Properties;
}

export interface UpdateCall extends DiffCall {
  readonly preview: boolean;
}

export interface ExistingCall extends ResourceCall {
  readonly id: string;
  /** Last known outputs. */
  readonly outputs: Properties;
  readonly inputs: Properties;
}

/** A resource as it is. */
export interface ResourceState {
  readonly id: string;
  readonly outputs: Properties;
}

/**
 * One simulated provider behind Pulumi's provider protocol. What takes time in reality returns `Work`, which the
 * virtual clock starts when the resource gets a slot; the rest is answered at once, as previews are.
 */
export interface SimulatedProvider {
  /** Package name, e.g. `azure-native`. */
  readonly name: string;
  readonly version: string;
  /** An instance of the provider gets its configuration. */
  configure?(settings: Properties): void;
  /** How the configuration of the provider itself changes. */
  diffConfig(before: Properties, after: Properties): Difference;
  check(call: CheckCall): CheckResult;
  diff(call: DiffCall): Difference;
  /** Outputs that `pulumi preview` shows for a resource that does not exist yet; unknown where only Azure can tell. */
  preview(call: CreateCall): Properties;
  create(call: CreateCall): Work<ResourceState>;
  update(call: UpdateCall): Work<Properties>;
  delete(call: ExistingCall): Work<void>;
  /** The resource as the simulated cloud has it (refresh, import); undefined when it is gone. */
  read(call: ExistingCall): Work<(ResourceState & { readonly inputs: Properties }) | undefined>;
  invoke(token: string, args: Properties): Properties;
  /** The engine was interrupted. */
  cancel(): void;
}

/** A provider's answer that ends in the engine's diagnostics: no stack, one message. */
export class ProviderError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "ProviderError";
  }
}

/** The resource exists but did not become what it should: the engine keeps it, and the next update writes it again. */
export class PartialError extends ProviderError {
  constructor(
    message: string,
    readonly id: string,
    readonly outputs: Properties,
    readonly inputs: Properties,
  ) {
    super(message);
    this.name = "PartialError";
  }
}
