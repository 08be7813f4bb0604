import { createHash } from "node:crypto";

import type { OperationKind } from "../clock/scheduler";
import type { Incidents, Work } from "../clock/virtual-clock";
import { type ArmRefusal, describeRefusal } from "../azure/arm";
import { ArmError } from "../azure/checks";
import { armId, azureTypeOf, type Cloud, judgePut, subscriptionId } from "../azure/cloud";
import { type AzureType, azureTypes, uuidOf } from "../azure/resource-types";
import { traitsOf } from "../azure/traits";
import type { AzureWorld, CloudSide, OperationRecord, WorldOperation } from "../azure/world";
import { difference, type Difference } from "../protocol/difference";
import {
  type CheckCall,
  type CheckResult,
  type CreateCall,
  type DiffCall,
  type ExistingCall,
  PartialError,
  ProviderError,
  type ResourceState,
  type SimulatedProvider,
  type UpdateCall,
} from "../protocol/provider";
import { type Properties, revealAll, textOf, unknown } from "../protocol/values";
import { kubeconfigFor } from "./kubeconfig";
import { versionOf } from "./version";

export interface SimulationTime {
  readonly nowMs: () => number;
  readonly durationMs: (type: string, urn: string, kind: OperationKind) => number;
}

/** Time, and the model in which requests to Azure are answered. */
export interface AzureTime extends SimulationTime {
  readonly world: () => AzureWorld;
}

const typeOf = (token: string): AzureType => {
  const type = azureTypeOf(token);
  if (type !== undefined) return type;
  const known = Object.keys(azureTypes).join(", ");
  throw new ProviderError(`The rehearsal does not model ${token} yet (rehearsal/azure/resource-types.ts): ${known}.`);
};

/** Marks a resource that azure-native named itself: its replacement gets another name, so it need not go first. */
const createBeforeDelete = "__createBeforeDelete";

/** Inputs that say where a resource goes. */
const placeOf = ({ scope, scopeInput = "scope" }: AzureType): readonly string[] =>
  ({ subscription: [], resourceGroup: ["resourceGroupName"], extension: [scopeInput] })[scope];

/** What azure-native calls a resource that the program leaves unnamed; the same in every check of one update. */
const autoName = (type: AzureType, logicalName: string, seed: Uint8Array): string => {
  const digits = createHash("sha256").update(seed).update(logicalName).digest("hex");
  return type.autoName === "uuid" ? uuidOf(digits) : logicalName + digits.slice(0, 8);
};

/** @pulumi/azure-native against the simulated Azure. */
export class AzureNativeProvider implements SimulatedProvider {
  readonly name = "azure-native";
  readonly version = versionOf("@pulumi/azure-native");

  constructor(
    private readonly cloud: Cloud,
    private readonly time: AzureTime,
  ) {}

  /** Fills in a missing name (kept from the last deployment, else random) and refuses what has no place. */
  check({ type: token, name, inputs, oldInputs, randomSeed }: CheckCall): CheckResult {
    const type = typeOf(token);
    const own = type.names.at(-1) ?? "name";
    const automatic = { [own]: oldInputs[own] ?? autoName(type, name, randomSeed), [createBeforeDelete]: true };
    const named = own in inputs ? inputs : { ...inputs, ...automatic };
    const required = [...placeOf(type), ...type.names];
    const failures = required
      .filter((property) => named[property] === undefined)
      .map((property) => ({ property, reason: `missing required property '${property}'` }));
    return { inputs: named, failures };
  }

  diffConfig(before: Properties, after: Properties): Difference {
    return difference(before, after, [], false);
  }

  diff({ type: token, oldInputs, inputs }: DiffCall): Difference {
    const type = typeOf(token);
    return difference(oldInputs, inputs, [...type.replaceOn, ...type.names], inputs[createBeforeDelete] !== true);
  }

  preview({ type: token, inputs }: CreateCall): Properties {
    const type = typeOf(token);
    const own = inputs[type.names.at(-1) ?? "name"];
    const computed = Object.fromEntries(type.computed.map((key) => [key, unknown]));
    return { ...inputs, ...computed, ...(own !== undefined && { name: own }), type: typeName(type) };
  }

  create({ type: token, urn, inputs }: CreateCall): Work<ResourceState> {
    const type = typeOf(token);
    const id = armId(type, inputs);
    const revealed = revealAll(inputs);
    const outputs = { ...type.outputs(revealed, id), id, name: id.split("/").at(-1) ?? "", type: typeName(type) };
    const resource = { id, type: token, inputs: revealed, outputs };
    let acceptedMs = 0;
    const cloud: CloudSide = {
      // azure-native asks before it creates. A request of the very same moment it cannot see: ARM refuses that one.
      existing: (nowMs) => {
        const seen = this.cloud.get(id);
        return seen !== undefined && (seen.state !== "Creating" || seen.acceptedMs < nowMs)
          ? alreadyThere(id)
          : undefined;
      },
      judge: () => refusalBy(() => judgePut(this.cloud, token, type, revealed)),
      accepted: (nowMs, endsMs) => {
        acceptedMs = nowMs;
        this.cloud.put({ ...resource, state: "Creating", acceptedMs, endsMs });
      },
      settled: (state, nowMs) =>
        this.cloud.put(
          { ...resource, outputs: { ...outputs, ...settledAs(outputs, state) }, state, acceptedMs },
          nowMs,
        ),
    };
    const operation = { urn, kind: "create", type: token, resourceId: id, cloud } as const;
    return this.inAzure({ ...operation, ...traitsOf(operation, revealed, outputs) }, (failed) => {
      if (failed === undefined) return { id, outputs: { ...inputs, ...outputs } };
      const state = { ...inputs, ...outputs, ...settledAs(outputs, "Failed") };
      throw failed.left === "nothing" ? failed.error : new PartialError(failed.error.message, id, state, inputs);
    });
  }

  update({ type: token, urn, id, inputs, oldOutputs }: UpdateCall): Work<Properties> {
    const type = typeOf(token);
    const revealed = revealAll(inputs);
    const outputs = { ...this.cloud.get(id)?.outputs, ...type.outputs(revealed, id) };
    const cloud: CloudSide = {
      judge: () => (this.cloud.get(id) === undefined ? notFound(id) : undefined),
      settled: (state, nowMs) => {
        const existing = this.cloud.get(id);
        const changed = { inputs: revealed, outputs: { ...outputs, ...settledAs(outputs, state) }, state };
        if (existing !== undefined) this.cloud.put({ ...existing, ...changed }, nowMs);
      },
    };
    const operation = { urn, kind: "update", type: token, resourceId: id, cloud } as const;
    return this.inAzure({ ...operation, ...traitsOf(operation, revealed, outputs) }, (failed) => {
      const state = { ...oldOutputs, ...inputs, ...outputs };
      if (failed === undefined) return state;
      throw failed.left === "nothing" ? failed.error : new PartialError(failed.error.message, id, state, inputs);
    });
  }

  /** Deleting what is gone already succeeds, as in Azure (204). */
  delete({ type: token, urn, id, inputs }: ExistingCall): Work<void> {
    const cloud: CloudSide = {
      settled: () => {
        for (const { id: below } of this.cloud.below(`${id}/`)) this.cloud.remove(below);
        this.cloud.remove(id);
      },
    };
    const operation = { urn, kind: "delete", type: token, resourceId: id, cloud } as const;
    return this.inAzure({ ...operation, ...traitsOf(operation, inputs, {}) }, (failed) => {
      if (failed !== undefined) throw failed.error;
    });
  }

  read({ type: token, urn, id, inputs }: ExistingCall): Work<(ResourceState & { inputs: Properties }) | undefined> {
    const operation = { urn, kind: "read", type: token, resourceId: id } as const;
    return this.inAzure({ ...operation, ...traitsOf(operation, inputs, {}) }, (failed) => {
      if (failed !== undefined) throw failed.error;
      const resource = this.cloud.get(id);
      if (resource === undefined) return undefined;
      const known = Object.keys(inputs).length > 0 ? inputs : resource.inputs;
      return { id: resource.id, outputs: { ...known, ...resource.outputs }, inputs: known };
    });
  }

  /** Work whose requests the model of Azure answers. */
  private inAzure<T>(
    requested: Omit<WorldOperation, "durationMs">,
    finish: (failed?: { readonly error: ProviderError; readonly left: OperationRecord["left"] }) => T,
  ): Work<T> {
    const world = this.time.world();
    const { type, urn, kind } = requested;
    const operation: WorldOperation = { ...requested, durationMs: this.time.durationMs(type, urn, kind) };
    let id = -1;
    let record: OperationRecord | undefined;
    return {
      durationMs: operation.durationMs,
      open: (nowMs) => (id = world.begin(operation, nowMs)),
      finish: () => {
        record = world.complete(id);
        const { error, left } = record;
        return finish(error === undefined ? undefined : { error: new ProviderError(messageOf(error)), left });
      },
      incidents: () => (record === undefined ? {} : incidentsOf(record)),
    };
  }

  invoke(token: string, args: Properties): Properties {
    const credentials = /^azure-native:containerservice:listManagedCluster(User|Admin)Credentials$/;
    if (credentials.test(token)) return this.listCredentials(args);
    if (token === "azure-native:authorization:getClientConfig") {
      return { clientId: subscriptionId, objectId: subscriptionId, subscriptionId, tenantId: subscriptionId };
    }
    throw new ProviderError(`The rehearsal does not model the function ${token}.`);
  }

  private listCredentials(args: Properties): Properties {
    const type = typeOf("azure-native:containerservice:ManagedCluster");
    const cluster = this.cloud.get(armId(type, args));
    if (cluster === undefined) {
      const name = textOf(args, "resourceName") ?? "";
      throw new ProviderError(`Status=404 Code="ResourceNotFound" Message="The Resource '${name}' was not found."`);
    }
    const value = Buffer.from(kubeconfigFor(cluster.outputs)).toString("base64");
    return { kubeconfigs: [{ name: "clusterUser", value }] };
  }

  cancel(): void {
    // What was accepted goes on in the cloud; the clock ends the waiting.
  }
}

const typeName = ({ armType, scope }: AzureType): string =>
  scope === "subscription" ? `Microsoft.Resources/${armType}` : armType;

/** Said by azure-native itself, not by ARM. */
const alreadyThere = (id: string): ArmRefusal => ({
  status: 200,
  code: "AlreadyExists",
  message: `cannot create already existing resource '${id}'`,
});

const notFound = (id: string): ArmRefusal => ({
  status: 404,
  code: "ResourceNotFound",
  message: `The Resource '${id}' was not found.`,
});

const messageOf = (refusal: ArmRefusal): string =>
  refusal.code === "AlreadyExists" ? refusal.message : describeRefusal(refusal);

const refusalBy = (judge: () => void): ArmRefusal | undefined => {
  try {
    judge();
    return undefined;
  } catch (error) {
    if (!(error instanceof ArmError)) throw error;
    return { status: error.status, code: error.code, message: error.detail };
  }
};

/** The provisioning state, for types that show one. */
const settledAs = (outputs: Properties, state: "Succeeded" | "Failed"): Properties =>
  "provisioningState" in outputs ? { provisioningState: state } : {};

const incidentsOf = ({ throttledMs, retries, faults, error }: OperationRecord): Incidents => ({
  ...(throttledMs.length > 0 && { throttledMs }),
  ...(retries > 0 && { retries }),
  ...(faults.length > 0 && { faults }),
  ...(error !== undefined && { errorCode: error.code }),
});
