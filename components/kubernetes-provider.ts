import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

/**
 * Leads nowhere (RFC 2606 reserves `.invalid`): neither to a cluster nor, as no kubeconfig at all would, to the one that
 * the user works with. A provider must not keep an unknown kubeconfig in the state: from there the Kubernetes provider
 * never comes back (pulumi-kubernetes, provider.go, DiffConfig).
 */
export const NO_CLUSTER = JSON.stringify({
  apiVersion: "v1",
  kind: "Config",
  clusters: [{ name: "not-deployed", cluster: { server: "https://not-deployed.invalid" } }],
  contexts: [{ name: "not-deployed", context: { cluster: "not-deployed", user: "nobody" } }],
  "current-context": "not-deployed",
  users: [{ name: "nobody", user: {} }],
});

/**
 * The provider of one cluster's objects.
 *
 * It has no parent and, for the engine, depends on nothing. The engine includes every provider in every operation,
 * whatever `--target` says (pulumi/pulumi#13557, #13591; step_generator.go at 3.259), and refuses one that depends on
 * a resource which the targets leave out. So with the natural edges, `--target` of one region would fail on a fresh
 * stack at the provider of any other. What needs the cluster says so itself: the namespace depends on its nodes.
 *
 * @param kubeconfig of the cluster; where the targets leave the cluster out, the provider leads nowhere instead
 */
export function createKubernetesProvider(name: string, kubeconfig: pulumi.Output<string>): kubernetes.Provider {
  return new kubernetes.Provider(name, {
    kubeconfig: withoutDependencies(kubeconfig),
    // Tells clusters apart by name: without it, a kubeconfig that is unknown in a preview replaces all that it made.
    clusterIdentifier: name,
    // A changed peer list must change the ConfigMap, not replace it under the feet of running pods.
    enableConfigMapMutable: true,
  });
}

/** The same secret value, without the resources that it came from. */
function withoutDependencies(kubeconfig: pulumi.Output<string>): pulumi.Output<string> {
  // `promise` is the SDK's own way into an output that may be unknown; `apply` never calls back for one.
  const inner = kubeconfig as unknown as { promise(withUnknowns: true): Promise<string> };
  const known = inner
    .promise(true)
    .then((value) => (pulumi.isUnknown(value) && !pulumi.runtime.isDryRun() ? NO_CLUSTER : value));
  return pulumi.secret(known);
}
