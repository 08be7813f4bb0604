import { createHash } from "node:crypto";

import type * as Pulumi from "@pulumi/pulumi";
import type { RegisterResourceOutputsRequest, RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb";
import type * as Mocks from "@pulumi/pulumi/runtime/mocks";
import type * as Settings from "@pulumi/pulumi/runtime/settings";
import { parse } from "yaml";

/** A resource as the program registered it. Values are plain, with secrets shown as `{ secret: value }`. */
export interface Registered {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  readonly parent: string;
  readonly custom: boolean;
  readonly inputs: Record<string, any>;
  /** URNs of everything it waits for. */
  readonly dependencies: readonly string[];
  readonly protect: boolean;
  readonly aliases: readonly unknown[];
  readonly provider: string;
  /** How long it may take to create, as Pulumi writes it: `150m`. */
  readonly createTimeout: string;
}

export interface ProgramRun {
  readonly resources: readonly Registered[];
  readonly outputs: Record<string, any>;
  /** The outputs as they go to the engine, secrets as `{ secret: value }`. */
  readonly registeredOutputs: Record<string, any>;
  /** What the program told its user, as `info: …` and `warn: …`. */
  readonly logs: readonly string[];
  /** The resource of that logical name. */
  one(name: string): Registered;
  /** Names and types of a component's children. */
  childrenOf(name: string): string[];
}

/** What has no state of its own, and is therefore loaded once and not anew for every run. */
const stateless = ["viem", "viem/accounts", "viem/actions", "viem/utils", "yaml", "zod"].map(
  (name) => [name, jest.requireActual<object>(name)] as const,
);

const SECRET_SIGNATURE = "4dabf18193072939515e22adb298388d";

/** Replaces the wire format of secrets by `{ secret }`, recursively. */
function readable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(readable);
  if (value === null || typeof value !== "object") return value;
  const entries = value as Record<string, unknown>;
  if (entries[SECRET_SIGNATURE] !== undefined) return { secret: readable(entries.value) };
  return Object.fromEntries(Object.entries(entries).map(([key, inner]) => [key, readable(inner)]));
}

/** A private key that depends on the logical name alone. */
export const mockKey = (name: string): string => createHash("sha256").update(name).digest("hex");

/** Outputs that a real provider would add. */
function outputsOf(pulumi: typeof Pulumi, type: string, name: string, inputs: Record<string, unknown>) {
  switch (type) {
    case "random:index/randomBytes:RandomBytes":
      return { hex: pulumi.secret(mockKey(name)) };
    case "random:index/randomId:RandomId":
      return { hex: mockKey(name).slice(0, 8), ...mockState[name] };
    case "pulumi:pulumi:StackReference":
      return mockState[name] ?? {};
    case "azure-native:keyvault:Vault":
      return { name: inputs.vaultName };
    case "azure-native:privatedns:PrivateZone":
      return { name: inputs.privateZoneName };
    case "azure-native:network:PrivateEndpoint":
      return { name: inputs.privateEndpointName };
    case "azure-native:resources:ResourceGroup":
      return { name: inputs.resourceGroupName };
    case "azure-native:managedidentity:UserAssignedIdentity":
      return { name: inputs.resourceName, principalId: `principal-of-${name}`, clientId: `client-of-${name}` };
    case "azure-native:network:VirtualNetwork":
      return { name: inputs.virtualNetworkName };
    case "azure-native:network:NetworkManager":
      return { name: inputs.networkManagerName };
    case "azure-native:network:NetworkGroup":
      return { name: inputs.networkGroupName };
    case "azure-native:cdn:Profile":
      return { name: inputs.profileName, frontDoorId: `id-of-${name}` };
    case "azure-native:cdn:AFDEndpoint":
      return { name: inputs.endpointName, hostName: `${inputs.endpointName as string}.azurefd.net` };
    case "azure-native:cdn:AFDOriginGroup":
      return { name: inputs.originGroupName };
    case "azure-native:dashboard:Grafana":
      return {
        identity: { principalId: `principal-of-${name}` },
        properties: { endpoint: `https://${inputs.workspaceName as string}.grafana.azure.com` },
      };
    case "azure-native:network:PublicIPAddress":
      return { ipAddress: `address of ${name}` };
    case "azure-native:containerservice:ManagedCluster":
      return { name: inputs.resourceName, oidcIssuerProfile: { enabled: true, issuerURL: `https://issuer/${name}` } };
    case "command:local:Command":
      return { stdout: JSON.stringify({ transaction: mockTransaction, adopted: false, verdict: "perfect" }) };
    default:
      return {};
  }
}

/** What a function of a provider answers. */
function answerOf(token: string, inputs: Record<string, unknown>): Record<string, unknown> {
  if (token === "azure-native:authorization:getClientConfig") {
    return { objectId: "deployer", tenantId: "tenant", subscriptionId: "test", clientId: "client" };
  }
  return { kubeconfigs: [{ value: Buffer.from(mockKubeconfig(inputs.resourceName as string)).toString("base64") }] };
}

/** A kubeconfig of the cluster, with a certificate. */
export const mockKubeconfig = (cluster: string): string =>
  JSON.stringify({
    clusters: [{ name: cluster, cluster: { server: `https://${cluster}` } }],
    users: [{ name: "user", user: { "client-key-data": "a certificate" } }],
  });

/** Outputs of resources that an earlier deployment made, by logical name; tests fill it in. */
export const mockState: Record<string, object> = {};

/** What every mocked deployment says its transaction was. */
export const mockTransaction = `0x${"11".repeat(32)}`;

/** `id`s as Azure writes them, as far as the program reads them. */
const mockId = (name: string): string => `/subscriptions/test/${name}`;

/**
 * Runs `build` as a Pulumi program against a monitor that records every registration, in a module registry of its own.
 *
 * @param config stack configuration by full key; values as text, or JSON
 * @param build loads the program, after the mocks are in place; what it returns are the stack's outputs
 * @param resources gathers what is registered, also when the program fails
 */
export async function runWithMocks(
  config: Readonly<Record<string, string>>,
  build: (pulumi: typeof Pulumi) => Record<string, unknown>,
  stack = "test",
  resources: Registered[] = [],
): Promise<ProgramRun> {
  jest.resetModules();
  for (const [name, kept] of stateless) jest.doMock(name, () => kept);
  const pulumi = jest.requireActual<typeof Pulumi>("@pulumi/pulumi");
  const { MockMonitor, setMocks } = jest.requireActual<typeof Mocks>("@pulumi/pulumi/runtime/mocks");
  const { setMockOptions } = jest.requireActual<typeof Settings>("@pulumi/pulumi/runtime/settings");
  const { waitForRPCs } = jest.requireActual<{ waitForRPCs: () => Promise<void> }>("@pulumi/pulumi/runtime/settings");

  class RecordingMonitor extends MockMonitor {
    override async registerResource(request: RegisterResourceRequest, callback: RegisterCallback): Promise<void> {
      const recording: RegisterCallback = (error, response) => {
        if (response !== undefined) resources.push(record(request, response.getUrn()));
        callback(error, response);
      };
      await super.registerResource(request, recording);
    }

    override registerResourceOutputs(request: RegisterResourceOutputsRequest, callback: never): void {
      const outputs = readable(request.getOutputs()?.toJavaScript() ?? {}) as Record<string, any>;
      if (request.getUrn().includes("::pulumi:pulumi:Stack::")) registeredOutputs = outputs;
      super.registerResourceOutputs(request, callback);
    }
  }
  let registeredOutputs: Record<string, any> = {};
  const mocks: Mocks.Mocks = {
    newResource: ({ type, name, inputs }) => ({
      id: mockId(name),
      state: { ...inputs, ...outputsOf(pulumi, type, name, inputs as Record<string, unknown>) },
    }),
    call: ({ token, inputs }) => answerOf(token, inputs as Record<string, unknown>),
  };
  await setMocks(mocks, "meridian", stack);
  setMockOptions(new RecordingMonitor(mocks), "meridian", stack, undefined, "organization");
  pulumi.runtime.setAllConfig(config);

  const logs: string[] = [];
  const logger = (severity: string) => (text: string) => Promise.resolve(void logs.push(`${severity}: ${text}`));
  Object.assign(pulumi.log, { info: logger("info"), warn: logger("warn") });
  const failures: unknown[] = [];
  const init = (): Record<string, unknown> => {
    try {
      return build(pulumi);
    } catch (error) {
      // Left to itself it would end the process, as it does in a real run.
      failures.push(error);
      return {};
    }
  };
  const outputs: unknown = await pulumi.runtime.runInPulumiStack(() => Promise.resolve(init()));
  await waitForRPCs();
  if (failures.length > 0) throw failures[0];
  return { ...inspect(resources, (await plain(pulumi, outputs)) as Record<string, any>), registeredOutputs, logs };
}

/** Runs index.ts with the configuration of a stack file. */
export async function runProgram(yaml: string, stack?: string, resources?: Registered[]): Promise<ProgramRun> {
  const index = () => ({ ...jest.requireActual<object>("../../index") });
  return runWithMocks(stackConfig(yaml), index, stack, resources);
}

/** What the engine hands over for a `Pulumi.<stack>.yaml`. */
export function stackConfig(yaml: string): Record<string, string> {
  const { config } = parse(yaml) as { config: Record<string, unknown> };
  const text = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
  return Object.fromEntries(Object.entries(config).map(([key, value]) => [key, text(value)]));
}

type RegisterCallback = (error: unknown, response: { getUrn(): string } | undefined) => void;

function inspect(
  resources: readonly Registered[],
  outputs: Record<string, any>,
): Omit<ProgramRun, "logs" | "registeredOutputs"> {
  const one = (name: string): Registered => {
    const found = resources.filter((resource) => resource.name === name);
    if (found.length !== 1) throw new Error(`${found.length} resources are named ${name}`);
    return found[0]!;
  };
  const childrenOf = (name: string): string[] => {
    const { urn } = one(name);
    return resources
      .filter(({ parent }) => parent === urn)
      .map((child) => `${child.name} ${child.type}`)
      .sort();
  };
  return { resources, outputs, one, childrenOf };
}

function record(request: RegisterResourceRequest, urn: string): Registered {
  return {
    urn,
    type: request.getType(),
    name: request.getName(),
    parent: request.getParent(),
    custom: request.getCustom(),
    inputs: readable(request.getObject()?.toJavaScript() ?? {}) as Record<string, any>,
    dependencies: request.getDependenciesList(),
    protect: request.getProtect() ?? false,
    aliases: request.getAliasesList(),
    provider: request.getProvider(),
    createTimeout: request.getCustomtimeouts()?.getCreate() ?? "",
  };
}

/** Outputs as values; a secret one as `{ secret }`. */
async function plain(pulumi: typeof Pulumi, value: unknown): Promise<unknown> {
  if (pulumi.Output.isInstance(value)) {
    const output = value as unknown as { isSecret: Promise<boolean>; promise(): Promise<unknown> };
    const inner = await plain(pulumi, await output.promise());
    return (await output.isSecret) ? { secret: inner } : inner;
  }
  if (Array.isArray(value)) return Promise.all(value.map((inner) => plain(pulumi, inner)));
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value).map(async ([key, inner]) => [key, await plain(pulumi, inner)] as const);
  return Object.fromEntries(await Promise.all(entries));
}
