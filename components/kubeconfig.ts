import * as containerservice from "@pulumi/azure-native/containerservice";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";

import { MeridianError } from "../errors";
import type { ClusterSettings } from "../fleet";
import { NO_CLUSTER } from "./kubernetes-provider";

/** AKS' own application in every Entra tenant, for which tokens are made out (github.com/Azure/kubelogin, README). */
const AKS_SERVER_APPLICATION = "6dae42f8-4368-4678-94ff-3960e28e3630";

type AccessSettings = Pick<ClusterSettings, "access" | "login" | "apiServer">;

/**
 * Asks Azure for the kubeconfig; for a cluster that could not be made, one that leads nowhere.
 *
 * With `access: entra` it holds no credentials: kubelogin gets a token for whoever runs the deployment. With
 * `access: local` it holds a client certificate. Secret either way.
 */
export function readKubeconfig(
  resourceGroupName: pulumi.Input<string>,
  cluster: containerservice.ManagedCluster,
  settings: AccessSettings,
): pulumi.Output<string> {
  // The id is not used: it is what a preview does not know, while it knows the name of a cluster that is not there yet.
  const place: pulumi.Output<Place | undefined> = pulumi
    .all([resourceGroupName, cluster.name, cluster.id])
    .apply(([group, name]) => ({ resourceGroupName: group, resourceName: name }));
  // The failure is the cluster's own message; without this the SDK adds one, with a stack, for every call it prevents.
  const reachable = pulumi.recover(place, () => undefined);
  return pulumi.secret(reachable.apply((known) => (known === undefined ? NO_CLUSTER : callFor(known, settings))));
}

async function callFor(place: Place, settings: AccessSettings): Promise<string> {
  // A private cluster has a name in public DNS for its private address; by default it is called by a private name.
  const serverFqdn = settings.apiServer === "private" ? { serverFqdn: "public" } : {};
  const { kubeconfigs } = await containerservice.listManagedClusterUserCredentials({ ...place, ...serverFqdn });
  const [first] = kubeconfigs;
  if (first === undefined) {
    const cluster = `${place.resourceGroupName}/${place.resourceName}`;
    const hint = "Check that whoever deploys may list its user credentials.";
    throw new MeridianError(`Azure gave no kubeconfig for the cluster ${cluster}. ${hint}`);
  }
  const kubeconfig = Buffer.from(first.value, "base64").toString("utf8");
  return settings.access === "local" ? kubeconfig : withKubelogin(kubeconfig, settings.login);
}

/**
 * The same clusters and contexts, with users that ask kubelogin for a token.
 *
 * @param login where kubelogin finds who asks: the Azure CLI's login, a workload identity, a managed identity, or a
 * service principal in AAD_SERVICE_PRINCIPAL_CLIENT_ID and _SECRET
 */
export function withKubelogin(kubeconfig: string, login: ClusterSettings["login"]): string {
  const { users, ...rest } = parse(kubeconfig) as { readonly users: readonly { readonly name: string }[] };
  const exec = {
    apiVersion: "client.authentication.k8s.io/v1beta1",
    command: "kubelogin",
    args: ["get-token", "--login", login, "--server-id", AKS_SERVER_APPLICATION],
    interactiveMode: "Never",
    provideClusterInfo: false,
  };
  return JSON.stringify({ ...rest, users: users.map(({ name }) => ({ name, user: { exec } })) });
}

interface Place {
  readonly resourceGroupName: string;
  readonly resourceName: string;
}
