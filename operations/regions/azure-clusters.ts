import type { AgentPool, ManagedCluster } from "@azure/arm-containerservice";
import type { TokenCredential } from "@azure/identity";

import { MeridianError } from "../../errors";
import type { ClusterState, Clusters, Expiry, PoolState } from "./clusters";
import type { OperatedRegion } from "./network";

export interface AzureOptions {
  /** `https://management.azure.com`, or a rehearsed Azure on http and loopback. */
  readonly endpoint: string;
  readonly subscriptionId: string;
  /** Whether clusters take Entra identities alone: a command in one then needs a token for its API server. */
  readonly entra: boolean;
  /** Between two looks at a long operation where Azure does not say, in milliseconds. @default 5,000 */
  readonly pollMs?: number;
}

/** What restores ask besides. */
export interface AzureClusters extends Clusters {
  /**
   * Runs a shell command with kubectl in the cluster, by Azure; needs no way to the API server.
   * @returns what it printed
   * @throws MeridianError with what it printed when it fails
   */
  readonly run: (region: OperatedRegion, command: string, signal: AbortSignal) => Promise<string>;
  /** Names of the secrets in the region's vaults; values are not read. */
  readonly secrets: (region: OperatedRegion, signal: AbortSignal) => Promise<readonly string[]>;
}

/** AKS' own application in every Entra tenant (github.com/Azure/kubelogin, README). */
const AKS_SERVER_SCOPE = "6dae42f8-4368-4678-94ff-3960e28e3630/.default";

const ARM_SCOPE = "https://management.azure.com/.default";

/** Version of Key Vault's management API; its list of secrets has names and dates, never values. */
const VAULT_API_VERSION = "2024-11-01";

/** Each validator is a StatefulSet of one (components/validator.ts), so all of a region restart at once. */
const RESTART = "kubectl --namespace besu rollout restart statefulset --selector app.kubernetes.io/component=validator";

/**
 * Clusters by Azure's own SDK. The same client talks to a rehearsed Azure: over plain http, which the configuration
 * allows on loopback alone, it neither asks for a token nor sends one.
 *
 * The credential is the SDK's default chain: environment, workload identity, managed identity, Azure CLI, in this order.
 */
export async function azureClusters(options: AzureOptions): Promise<AzureClusters> {
  const { endpoint, subscriptionId, entra, pollMs = 5_000 } = options;
  const { ContainerServiceClient } = await import("@azure/arm-containerservice");
  const signedIn = endpoint.startsWith("https:");
  const credential: TokenCredential = signedIn ? await defaultCredential() : { getToken: () => Promise.resolve(null) };
  const client = new ContainerServiceClient(credential, subscriptionId, {
    endpoint,
    allowInsecureConnection: !signedIn,
    userAgentOptions: { userAgentPrefix: "meridian" },
  });
  if (!signedIn) client.pipeline.removePolicy({ name: "bearerTokenAuthenticationPolicy" });
  const { managedClusters, agentPools } = client;
  const wait = (signal: AbortSignal) => ({ abortSignal: signal, updateIntervalInMs: pollMs });

  const get = async ({ resourceGroup, cluster }: OperatedRegion, signal: AbortSignal): Promise<ManagedCluster> =>
    managedClusters.get(resourceGroup, cluster, { abortSignal: signal });

  const run: AzureClusters["run"] = async ({ name, resourceGroup, cluster }, command, signal) => {
    const clusterToken = entra && signedIn ? await tokenFor(credential, AKS_SERVER_SCOPE, signal) : undefined;
    const request = { command, ...(clusterToken !== undefined && { clusterToken }) };
    const { exitCode, provisioningState, reason, logs } = await managedClusters
      .runCommand(resourceGroup, cluster, request, wait(signal))
      .pollUntilDone({ abortSignal: signal });
    if (exitCode === 0) return logs ?? "";
    const what = reason ?? logs?.trim() ?? `the command ended as ${provisioningState ?? "unknown"}`;
    throw new MeridianError(`${name}: ${what}.`);
  };

  const listSecrets = async ({ resourceGroup }: OperatedRegion, signal: AbortSignal): Promise<Listed[]> => {
    const list = (path: string) => listAll(endpoint, path, signedIn ? credential : undefined, signal);
    const vaults = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.KeyVault/vaults`;
    return (await Promise.all((await list(vaults)).map(({ name }) => list(`${vaults}/${name}/secrets`)))).flat();
  };

  return {
    run,
    secrets: async (region, signal) =>
      (await listSecrets(region, signal))
        .filter(({ properties }) => properties?.attributes?.enabled !== false)
        .map(({ name }) => name),
    get: async (region, signal) => describeCluster(await get(region, signal)),
    start: async ({ resourceGroup, cluster }, signal) => {
      await managedClusters.start(resourceGroup, cluster, wait(signal)).pollUntilDone({ abortSignal: signal });
    },
    stop: async ({ resourceGroup, cluster }, signal) => {
      await managedClusters.stop(resourceGroup, cluster, wait(signal)).pollUntilDone({ abortSignal: signal });
    },
    startPool: async ({ resourceGroup, cluster }, pool, signal) => {
      const now: AgentPool = await agentPools.get(resourceGroup, cluster, pool, { abortSignal: signal });
      const running: AgentPool = { ...now, powerState: { code: "Running" } };
      await agentPools
        .createOrUpdate(resourceGroup, cluster, pool, running, wait(signal))
        .pollUntilDone({ abortSignal: signal });
    },
    restartValidators: async (region, signal) => {
      try {
        await run(region, RESTART, signal);
      } catch (error) {
        if (!(error instanceof MeridianError)) throw error;
        throw new MeridianError(
          error.message.replace(`${region.name}: `, `${region.name}: the validators could not be restarted: `),
        );
      }
    },
    expiries: async (region, signal) => (await listSecrets(region, signal)).flatMap(expiryOf),
  };
}

async function defaultCredential(): Promise<TokenCredential> {
  const { DefaultAzureCredential } = await import("@azure/identity");
  return new DefaultAzureCredential();
}

const powerOf = (code: string | undefined): "running" | "stopped" => (code === "Stopped" ? "stopped" : "running");

function describeCluster(cluster: ManagedCluster): ClusterState {
  return {
    power: powerOf(cluster.powerState?.code),
    provisioning: cluster.provisioningState ?? "unknown",
    kubernetesVersion: cluster.currentKubernetesVersion ?? cluster.kubernetesVersion ?? "unknown",
    pools: (cluster.agentPoolProfiles ?? []).map(({ name, powerState, provisioningState, count }): PoolState => ({
      name,
      power: powerOf(powerState?.code),
      provisioning: provisioningState ?? "unknown",
      nodes: count ?? 0,
    })),
  };
}

async function tokenFor(credential: TokenCredential, scope: string, signal: AbortSignal): Promise<string> {
  const token = await credential.getToken(scope, { abortSignal: signal });
  if (token === null) throw new MeridianError(`There is no token for ${scope}. Sign in: az login.`);
  return token.token;
}

interface Listed {
  readonly name: string;
  readonly properties?: { readonly attributes?: { readonly exp?: number; readonly enabled?: boolean } };
}

/** Every page of a list. @param credential whose token goes along; none over plain http */
async function listAll(
  endpoint: string,
  path: string,
  credential: TokenCredential | undefined,
  signal: AbortSignal,
): Promise<readonly Listed[]> {
  const headers: Record<string, string> =
    credential === undefined ? {} : { authorization: `Bearer ${await tokenFor(credential, ARM_SCOPE, signal)}` };
  const found: Listed[] = [];
  let next: string | undefined = `${endpoint}${path}?api-version=${VAULT_API_VERSION}`;
  while (next !== undefined) {
    // A page's address comes from the answer: the token goes nowhere but to the endpoint.
    if (new URL(next).origin !== new URL(endpoint).origin) throw new Error(`ARM names a page elsewhere: ${next}`);
    const response: Response = await fetch(next, { headers, signal });
    const body = (await response.json()) as {
      readonly value?: readonly Listed[];
      readonly nextLink?: string;
      readonly error?: { readonly code: string; readonly message: string };
    };
    if (!response.ok) {
      const { code = "Unknown", message = response.statusText } = body.error ?? {};
      throw Object.assign(new Error(message), { code, statusCode: response.status });
    }
    found.push(...(body.value ?? []));
    next = body.nextLink;
  }
  return found;
}

/** `exp` is in seconds of the epoch. */
const expiryOf = ({ name, properties }: Listed): Expiry[] => {
  const { exp, enabled = true } = properties?.attributes ?? {};
  return exp === undefined || !enabled ? [] : [{ name, atMs: exp * 1000 }];
};
