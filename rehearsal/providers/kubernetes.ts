import { createHash, randomUUID } from "node:crypto";

import type { Work } from "../clock/virtual-clock";
import type { Cloud } from "../azure/cloud";
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
import { objectOf, type Properties, revealAll, textOf } from "../protocol/values";
import { diffClusterConfig } from "./kubeconfig";
import type { SimulationTime } from "./azure-native";
import { after } from "./instant";
import { versionOf } from "./version";

const identity = ["apiVersion", "kind", "metadata.name", "metadata.namespace"];

/**
 * Properties whose change forces a replacement, for the kinds that are used.
 * Source: pulumi/pulumi-kubernetes, provider/pkg/provider/diff.go, at 94977969 (2026-07-01).
 */
const replaceOn: Readonly<Record<string, readonly string[]>> = {
  ConfigMap: ["data", "binaryData"],
  Secret: ["type", "data", "stringData"],
  Service: ["spec.clusterIP"],
  StatefulSet: [
    "spec.podManagementPolicy",
    "spec.revisionHistoryLimit",
    "spec.selector",
    "spec.serviceName",
    "spec.volumeClaimTemplates",
  ],
  Deployment: ["spec.selector"],
  DaemonSet: ["spec.selector"],
  Job: ["spec.completions", "spec.parallelism", "spec.selector", "spec.template"],
  PodDisruptionBudget: ["spec"],
  StorageClass: ["parameters", "provisioner"],
  PersistentVolumeClaim: ["spec.accessModes", "spec.selector", "spec.storageClassName", "spec.volumeName"],
};

const kindOf = (token: string): string => token.split(":").at(-1) ?? token;

/** The real provider marks what it named itself; a replacement of it gets another name. */
const autonamed = { "pulumi.com/autonamed": "true" };

/** Kinds that live outside every namespace. */
const clusterWide = new Set([
  ...["Namespace", "StorageClass", "VolumeSnapshotClass"],
  ...["ClusterRole", "ClusterRoleBinding", "PersistentVolume"],
]);

/**
 * Every instance of the provider talks to one port and no call names its instance, so a cluster is known by the resource:
 * logical names begin with their region, and a region has one cluster.
 */
const clusterOf = (logicalName: string): string => logicalName.split("-")[0] ?? logicalName;

/** Where the simulated cloud keeps an object. */
export const kubernetesPath = (logicalName: string, type: string, id: string): string =>
  `kubernetes://${clusterOf(logicalName)}/${type.split(":").slice(1).join("/")}/${id}`;

/** @pulumi/kubernetes against the simulated clusters. */
export class KubernetesProvider implements SimulatedProvider {
  readonly name = "kubernetes";
  readonly version = versionOf("@pulumi/kubernetes");

  private configMapsMutable = false;

  constructor(
    private readonly cloud: Cloud,
    private readonly time: SimulationTime,
  ) {}

  check({ type, name, inputs, oldInputs, randomSeed }: CheckCall): CheckResult {
    const kind = kindOf(type);
    const metadata = objectOf(inputs, "metadata");
    const old = objectOf(oldInputs, "metadata");
    const suffix = createHash("sha256").update(randomSeed).update(name).digest("hex").slice(0, 8);
    const chosen = metadata.name;
    const named: Properties =
      chosen === undefined
        ? {
            name: old.name ?? `${name}-${suffix}`,
            annotations: { ...objectOf(metadata, "annotations"), ...autonamed },
          }
        : { name: chosen };
    const namespace: Properties = clusterWide.has(kind) ? {} : { namespace: metadata.namespace ?? "default" };
    return { inputs: { ...inputs, metadata: { ...metadata, ...named, ...namespace } }, failures: [] };
  }

  /** The program configures all its clusters alike, and no later call would tell which instance it concerns. */
  configure({ enableConfigMapMutable }: Properties): void {
    this.configMapsMutable = enableConfigMapMutable === true || enableConfigMapMutable === "true";
  }

  diffConfig(before: Properties, after: Properties): Difference {
    return diffClusterConfig(before, after);
  }

  diff({ type, id, oldInputs, inputs }: DiffCall): Difference {
    const kind = kindOf(type);
    const fixedName = !("pulumi.com/autonamed" in objectOf(objectOf(inputs, "metadata"), "annotations"));
    const sameIdentity = fixedName && objectId(inputs) === id;
    const mutable = kind === "ConfigMap" && this.configMapsMutable && inputs.immutable !== true;
    const forcing = mutable ? [] : (replaceOn[kind] ?? []);
    return difference(oldInputs, inputs, [...identity, ...forcing], sameIdentity);
  }

  preview({ inputs }: CreateCall): Properties {
    return inputs;
  }

  create({ type, name, urn, inputs }: CreateCall): Work<ResourceState> {
    const id = objectId(inputs);
    const path = kubernetesPath(name, type, id);
    const refusal = this.judge(name, type, inputs, path);
    if (refusal !== undefined) return refuse(refusal);
    const outputs = liveObject(inputs);
    const resource = { id: path, type, inputs: revealAll(inputs), outputs: {}, acceptedMs: this.time.nowMs() };
    this.cloud.put({ ...resource, state: "Creating" });
    return after(this.time.durationMs(type, urn, "create"), () => {
      this.cloud.put({ ...resource, state: "Succeeded" });
      return { id, outputs };
    });
  }

  update({ type, name, urn, id, inputs, oldOutputs }: UpdateCall): Work<Properties> {
    const path = kubernetesPath(name, type, id);
    const existing = this.cloud.get(path);
    if (existing === undefined) return refuse(new ProviderError(notFound(type, id)));
    return after(this.time.durationMs(type, urn, "update"), () => {
      this.cloud.put({ ...existing, inputs: revealAll(inputs) });
      return {
        ...oldOutputs,
        ...inputs,
        metadata: { ...objectOf(oldOutputs, "metadata"), ...objectOf(inputs, "metadata") },
      };
    });
  }

  delete({ type, name, urn, id }: ExistingCall): Work<void> {
    return after(this.time.durationMs(type, urn, "delete"), () => this.cloud.remove(kubernetesPath(name, type, id)));
  }

  read({
    type,
    name,
    urn,
    id,
    inputs,
    outputs,
  }: ExistingCall): Work<(ResourceState & { inputs: Properties }) | undefined> {
    return after(this.time.durationMs(type, urn, "read"), () => {
      const resource = this.cloud.get(kubernetesPath(name, type, id));
      if (resource === undefined) return undefined;
      const known = Object.keys(inputs).length > 0 ? inputs : resource.inputs;
      return { id, outputs: Object.keys(outputs).length > 0 ? outputs : liveObject(known), inputs: known };
    });
  }

  invoke(token: string): Properties {
    throw new ProviderError(`The rehearsal does not model the function ${token}.`);
  }

  cancel(): void {
    // Nothing of its own is in flight.
  }

  /** What the API server, or the way to it, would refuse. */
  private judge(logicalName: string, type: string, inputs: Properties, path: string): ProviderError | undefined {
    const cluster = clusterOf(logicalName);
    const running = this.cloud
      .below("/subscriptions/")
      .some((resource) => resource.type.endsWith(":ManagedCluster") && textOf(resource.inputs, "location") === cluster);
    if (!running) return new ProviderError(`configured Kubernetes cluster is unreachable: no cluster in ${cluster}`);
    const kind = kindOf(type);
    if (this.cloud.get(path) !== undefined) {
      return new ProviderError(
        `resource ${objectId(inputs)} was not successfully created by the Kubernetes API server: ${kind} "${objectName(inputs)}" already exists`,
      );
    }
    const namespace = textOf(objectOf(inputs, "metadata"), "namespace");
    if (namespace === undefined || ["default", "kube-system"].includes(namespace)) return undefined;
    const home = kubernetesPath(logicalName, "kubernetes:core/v1:Namespace", namespace);
    return this.cloud.get(home) === undefined ? new ProviderError(`namespaces "${namespace}" not found`) : undefined;
  }
}

const objectName = (inputs: Properties): string => textOf(objectOf(inputs, "metadata"), "name") ?? "";

/** `namespace/name`, or `name` outside namespaces: the id of the real provider. */
export const objectId = (inputs: Properties): string => {
  const namespace = textOf(objectOf(inputs, "metadata"), "namespace");
  return namespace === undefined ? objectName(inputs) : `${namespace}/${objectName(inputs)}`;
};

const notFound = (type: string, id: string): string => `${kindOf(type)} "${id}" not found`;

/** The object as the API server returns it. */
const liveObject = (inputs: Properties): Properties => ({
  ...inputs,
  metadata: { ...objectOf(inputs, "metadata"), uid: randomUUID(), generation: 1, resourceVersion: "1" },
});

const refuse = (error: ProviderError): Work<never> =>
  after(refusalMs, () => {
    throw error;
  });
