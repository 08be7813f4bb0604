import { isDeepStrictEqual } from "node:util";

import { parse, stringify } from "yaml";

import { difference, type Difference } from "../protocol/difference";
import { ProviderError } from "../protocol/provider";
import { holdsUnknown, type Properties, textOf } from "../protocol/values";

/** A kubeconfig of the shape that AKS hands out, for a cluster that exists in the simulation only. */
export const kubeconfigFor = (clusterOutputs: Properties): string => {
  const name = textOf(clusterOutputs, "name") ?? "cluster";
  const user = `clusterUser_${name}`;
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name, cluster: { server: `https://${textOf(clusterOutputs, "fqdn") ?? name}:443` } }],
    contexts: [{ name, context: { cluster: name, user } }],
    "current-context": name,
    users: [{ name: user, user: { token: "rehearsed" } }],
  });
};

/** The cluster that a kubeconfig leads to; undefined when it leads nowhere. */
const activeCluster = (kubeconfig: string): unknown => {
  const config = parse(kubeconfig) as {
    readonly clusters?: readonly { readonly name: string; readonly cluster: unknown }[];
    readonly contexts?: readonly { readonly name: string; readonly context: { readonly cluster: string } }[];
    readonly "current-context"?: string;
  } | null;
  const context = config?.contexts?.find(({ name }) => name === config["current-context"])?.context;
  return config?.clusters?.find(({ name }) => name === context?.cluster)?.cluster;
};

/**
 * How a provider's configuration changes: another cluster replaces the provider and all that it made, unless a
 * `clusterIdentifier` says that it is the same one.
 * Source: pulumi/pulumi-kubernetes, provider/pkg/provider/provider.go, DiffConfig, at 94977969 (2026-07-01).
 */
export const diffClusterConfig = (before: Properties, after: Properties): Difference => {
  const identified = after.clusterIdentifier !== undefined && before.clusterIdentifier === after.clusterIdentifier;
  if (identified) return difference(before, after, [], false);
  const replaceOn = before.clusterIdentifier === undefined ? [] : ["clusterIdentifier"];
  return difference(before, after, leadsElsewhere(before, after) ? [...replaceOn, "kubeconfig"] : replaceOn, false);
};

const leadsElsewhere = (before: Properties, after: Properties): boolean => {
  if (after.kubeconfig !== undefined && holdsUnknown(after.kubeconfig)) return true;
  if (before.kubeconfig !== undefined && holdsUnknown(before.kubeconfig)) {
    throw new ProviderError("unexpected kubeconfig format, type: output<string>");
  }
  const [old, now] = [before, after].map((side) => activeCluster(textOf(side, "kubeconfig") ?? ""));
  return old !== undefined && now !== undefined && !isDeepStrictEqual(old, now);
};
