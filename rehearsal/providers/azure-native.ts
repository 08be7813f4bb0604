import { createHash } from "node:crypto";

import type { Work } from "../clock/virtual-clock";
import { armId, azureTypeOf, type Cloud, judgePut, subscriptionId } from "../azure/cloud";
import { type AzureType, azureTypes, uuidOf } from "../azure/resource-types";
import { refusalMs } from "../azure/latency";
import { difference, type Difference } from "../protocol/difference";
import {
  type CheckCall,
  type CheckResult,
  type CreateCall,
  type DiffCall,
  type ExistingCall,
  ProviderError,
  type ResourceState,
  type SimulatedProvider,
  type UpdateCall,
} from "../protocol/provider";
import { type Properties, revealAll, textOf, unknown } from "../protocol/values";
import { kubeconfigFor } from "./kubeconfig";
import { after } from "./instant";
import { versionOf } from "./version";

export interface SimulationTime {
  readonly nowMs: () => number;
  readonly durationMs: (type: string, urn: string, kind: "create" | "update" | "delete" | "read") => number;
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
    private readonly time: SimulationTime,
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
    const seen = this.cloud.get(id);
    // azure-native asks before it creates. A request of the very same moment it cannot see: ARM refuses that one.
    if (seen !== undefined && (seen.state === "Succeeded" || seen.acceptedMs < this.time.nowMs())) {
      return refuse(new ProviderError(`cannot create already existing resource '${id}'`));
    }
    const revealed = revealAll(inputs);
    try {
      judgePut(this.cloud, token, type, revealed);
    } catch (error) {
      return refuse(error);
    }
    const outputs = { ...type.outputs(revealed, id), id, name: id.split("/").at(-1) ?? "", type: typeName(type) };
    const resource = { id, type: token, inputs: revealed, outputs, acceptedMs: this.time.nowMs() };
    this.cloud.put({ ...resource, state: "Creating" });
    return after(this.time.durationMs(token, urn, "create"), () => {
      this.cloud.put({ ...resource, state: "Succeeded" });
      return { id, outputs: { ...inputs, ...outputs } };
    });
  }

  update({ type: token, urn, id, inputs, oldOutputs }: UpdateCall): Work<Properties> {
    const type = typeOf(token);
    const existing = this.cloud.get(id);
    if (existing === undefined) {
      return refuse(
        new ProviderError(`Status=404 Code="ResourceNotFound" Message="The Resource '${id}' was not found."`),
      );
    }
    const revealed = revealAll(inputs);
    const outputs = { ...existing.outputs, ...type.outputs(revealed, id) };
    return after(this.time.durationMs(token, urn, "update"), () => {
      this.cloud.put({ ...existing, inputs: revealed, outputs });
      return { ...oldOutputs, ...inputs, ...outputs };
    });
  }

  /** Deleting what is gone already succeeds, as in Azure (204). */
  delete({ type: token, urn, id }: ExistingCall): Work<void> {
    return after(this.time.durationMs(token, urn, "delete"), () => {
      for (const { id: below } of this.cloud.below(`${id}/`)) this.cloud.remove(below);
      this.cloud.remove(id);
    });
  }

  read({ type: token, urn, id, inputs }: ExistingCall): Work<(ResourceState & { inputs: Properties }) | undefined> {
    return after(this.time.durationMs(token, urn, "read"), () => {
      const resource = this.cloud.get(id);
      if (resource === undefined) return undefined;
      const known = Object.keys(inputs).length > 0 ? inputs : resource.inputs;
      return { id: resource.id, outputs: { ...known, ...resource.outputs }, inputs: known };
    });
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

const refuse = (error: unknown): Work<never> =>
  after(refusalMs, () => {
    throw error;
  });
