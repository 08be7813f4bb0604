import { graphOf, type StateResource } from "../../../../rehearsal/forecast/graph";
import { phaseOf } from "../../../../regions/phases";

const urnOf = (types: string, name: string): string => `urn:pulumi:dev::meridian::${types}::${name}`;
const resource = (types: string, name: string, more: Partial<StateResource> = {}): StateResource => ({
  urn: urnOf(types, name),
  type: types.split("$").at(-1)!,
  custom: !types.split("$").at(-1)!.startsWith("meridian:"),
  ...more,
});

const region = "meridian:region:Region";
const group = resource(`${region}$azure-native:resources:ResourceGroup`, "japaneast-group");
const cluster = resource(`${region}$azure-native:containerservice:ManagedCluster`, "japaneast-aks", {
  dependencies: [group.urn],
});
const provider = resource("pulumi:providers:kubernetes", "japaneast-kubernetes", {
  propertyDependencies: { kubeconfig: [cluster.urn] },
});
const component = resource(region, "japaneast-region", { dependencies: [group.urn] });
const namespace = resource(`${region}$kubernetes:core/v1:Namespace`, "japaneast-namespace", {
  parent: component.urn,
  provider: `${provider.urn}::6f1d`,
});

const unseen = { trace: [], providers: [] };

const afterOf = (name: string, graph: ReturnType<typeof graphOf>): string[] => {
  const found = graph.operations.find(({ urn }) => urn.endsWith(`::${name}`))!;
  return found.after.map((other) => graph.operations[other]!.urn.split("::").at(-1)!);
};

describe("the graph of a recorded deployment", () => {
  const resources = [component, group, cluster, provider, namespace];

  test("has an operation for what a provider makes, and none for components and providers", () => {
    const { operations } = graphOf(resources, unseen, []);
    expect(operations.map(({ urn }) => urn)).toEqual([group.urn, cluster.urn, namespace.urn]);
  });

  test("hands on what components and providers wait for", () => {
    expect(afterOf("japaneast-namespace", graphOf(resources, unseen, []))).toEqual([
      "japaneast-group",
      "japaneast-aks",
    ]);
  });

  test("takes in what only the run shows: a value that the program awaited without telling the engine", () => {
    const silent = [component, group, cluster, { ...provider, propertyDependencies: {} }, namespace];
    const trace = [
      { urn: group.urn, completionsAtArrival: 0 },
      { urn: cluster.urn, completionsAtArrival: 1 },
      { urn: namespace.urn, completionsAtArrival: 2 },
    ];
    expect(afterOf("japaneast-namespace", graphOf(silent, unseen, []))).toEqual(["japaneast-group"]);
    expect(afterOf("japaneast-namespace", graphOf(silent, { trace, providers: [] }, []))).toEqual([
      "japaneast-group",
      "japaneast-aks",
    ]);
  });

  test("takes in the provider that a component hands on, although another dependency of its children ended later", () => {
    const validator = resource(`${region}$meridian:besu:Validator`, "japaneast-validator-0", { parent: component.urn });
    const vault = resource(`${region}$azure-native:keyvault:Vault`, "japaneast-vault", { parent: component.urn });
    const below = `${region}$meridian:besu:Validator`;
    const secret = resource(`${below}$azure-native:keyvault:Secret`, "japaneast-secret", {
      ...{ parent: validator.urn, dependencies: [vault.urn] },
    });
    const set = resource(`${below}$kubernetes:apps/v1:StatefulSet`, "japaneast-set", {
      ...{ parent: validator.urn, provider: `${provider.urn}::6f1d` },
    });
    const all = [component, group, cluster, { ...provider, propertyDependencies: {} }, vault, validator, secret, set];
    const at = (urn: string, completionsAtArrival: number) => ({ urn, completionsAtArrival });
    const trace = [at(group.urn, 0), at(cluster.urn, 1), at(vault.urn, 0), at(set.urn, 2), at(secret.urn, 3)];
    const graph = graphOf(all, { trace, providers: [at(provider.urn, 2)] }, []);
    expect(afterOf("japaneast-secret", graph)).toEqual(["japaneast-group", "japaneast-aks", "japaneast-vault"]);
    // The region, some of whose children came before the provider, does not wait for it.
    expect(afterOf("japaneast-vault", graph)).toEqual(["japaneast-group"]);
  });

  test("knows which operation waits for which others in the network", () => {
    const wait = { urn: namespace.urn, for: [cluster.urn], needed: 1, timeoutMs: 5 };
    expect(graphOf(resources, unseen, [wait]).waits).toEqual([{ operation: 2, for: [1], needed: 1, timeoutMs: 5 }]);
  });
});

test.each([
  ["infrastructure", "meridian:region:Region$meridian:region:Network$azure-native:network:VirtualNetwork", "vnet"],
  ["infrastructure", "meridian:besu:Chain$random:index/randomBytes:RandomBytes", "global-key-japaneast-0"],
  ["kubernetes", "meridian:region:Region$meridian:region:Cluster$azure-native:containerservice:AgentPool", "pool"],
  ["kubernetes", "meridian:region:Region$kubernetes:core/v1:Namespace", "japaneast-namespace"],
  ["besu", "meridian:region:Region$meridian:besu:Validator$kubernetes:apps/v1:StatefulSet", "japaneast-validator-0"],
  ["contracts", "meridian:contracts:Contracts$command:local:Command", "chain138-ready"],
  ["monitoring", "meridian:region:Region$meridian:region:Cluster$azure-native:monitor:DiagnosticSetting", "logs"],
  ["besu", "random:index/randomId:RandomId", "global-phase-besu"],
])("the phase %s has %s %s", (phase, types, name) => expect(phaseOf(types.split("$"), name)).toBe(phase));
