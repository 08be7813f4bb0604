import { changes, leaks, misnamed, publicThings, scopeOf, straying, waitsFor } from "./judges";
import type { Registered } from "./program";

const regions = ["eastasia", "southeastasia"];
const resource = (name: string, more: Partial<Registered> = {}): Registered => ({
  urn: `urn:pulumi:test::meridian::t::${name}`,
  type: "t",
  name,
  parent: "",
  custom: true,
  inputs: {},
  dependencies: [],
  protect: false,
  aliases: [],
  provider: "",
  createTimeout: "",
  ...more,
});
const urn = (name: string) => resource(name).urn;

describe("the judges of the program tests, on deliberately broken programs", () => {
  it("scopeOf takes southeastasia for itself, not for eastasia", () => {
    expect(scopeOf("southeastasia-cluster", regions)).toBe("southeastasia");
    expect(scopeOf("cluster-eastasia", regions)).toBeUndefined();
  });

  it("misnamed catches a name that a region does not lead", () => {
    const names = ["eastasia-group", "group-eastasia", "eastasiagroup", "global-key-eastasia-0", "japaneast-group"];

    expect(
      misnamed(
        names.map((name) => resource(name)),
        regions,
      ),
    ).toEqual(["group-eastasia", "eastasiagroup", "japaneast-group"]);
  });

  it.each<[string, Partial<Registered>]>([
    ["a dependency", { dependencies: [urn("southeastasia-group")] }],
    ["a parent", { parent: urn("southeastasia-group") }],
    ["a provider", { provider: `${urn("southeastasia-group")}::some-id` }],
  ])("straying catches %s in another region", (_, edge) => {
    const graph = [resource("eastasia-group", edge), resource("southeastasia-group")];

    expect(straying(graph, regions)).toEqual(["eastasia-group -> southeastasia-group"]);
  });

  it("straying catches a contract that waits for a region, and what is global waiting for one", () => {
    const edge = { dependencies: [urn("eastasia-group")] };
    const graph = [resource("chain138-ready", edge), resource("global-chain", edge), resource("eastasia-group")];

    expect(straying(graph, regions)).toEqual(["chain138-ready -> eastasia-group", "global-chain -> eastasia-group"]);
  });

  it("straying allows a region to wait for itself and for what is global", () => {
    const dependencies = [urn("eastasia-a"), urn("global-chain")];

    expect(
      straying([resource("eastasia-b", { dependencies }), resource("eastasia-a"), resource("global-chain")], regions),
    ).toEqual([]);
  });

  it("waitsFor follows dependencies to their end", () => {
    const graph = [
      resource("c", { dependencies: [urn("b")] }),
      resource("b", { dependencies: [urn("a")] }),
      resource("a"),
    ];

    expect(waitsFor(graph, "c")).toEqual(["a", "b"]);
  });

  it("leaks catches a key in plain view, however deep, and not one marked secret", () => {
    expect(leaks({ data: [{ key: "x-1234-x" }], safe: { secret: "1234" } }, ["1234"])).toEqual(["data.0.key"]);
  });

  it.each<[string, string, Partial<Registered>, string]>([
    [
      "a load balancer that is not internal",
      "eastasia-validator-0-service",
      { type: "kubernetes:core/v1:Service", inputs: { metadata: {}, spec: { type: "LoadBalancer" } } },
      "a public load balancer",
    ],
    [
      "an address besides the way out",
      "eastasia-validator-0-address",
      { type: "azure-native:network:PublicIPAddress" },
      "a public address",
    ],
    [
      "a rule for everyone",
      "eastasia-network-rules",
      {
        type: "azure-native:network:NetworkSecurityGroup",
        inputs: { securityRules: [{ direction: "Inbound", access: "Allow", sourceAddressPrefix: "*" }] },
      },
      "a rule that lets anyone in",
    ],
    [
      "a vault on the internet",
      "eastasia-keys-vault",
      { type: "azure-native:keyvault:Vault", inputs: { properties: { publicNetworkAccess: "Enabled" } } },
      "a vault with a public address",
    ],
    [
      "nodes on the internet",
      "eastasia-cluster-validators",
      { type: "azure-native:containerservice:AgentPool", inputs: { enableNodePublicIP: true } },
      "nodes with public addresses",
    ],
    [
      "a cluster with local accounts",
      "eastasia-cluster-aks",
      {
        type: "azure-native:containerservice:ManagedCluster",
        inputs: { apiServerAccessProfile: { enablePrivateCluster: true } },
      },
      "local accounts",
    ],
  ])("publicThings finds %s", (_, name, more, opening) => {
    expect(publicThings([resource(name, more)])).toEqual([`${name}: ${opening}`]);
  });

  it.each<[string, Registered[], string[]]>([
    ["nothing", [resource("a", { inputs: { data: { x: 1 } } })], []],
    ["an input, however deep", [resource("a", { inputs: { data: { x: 2 } } })], ["~ a inputs.data.x"]],
    ["an input that is gone", [resource("a", { inputs: { data: {} } })], ["~ a inputs.data.x"]],
    ["a list", [resource("a", { inputs: { data: { x: 1 } }, aliases: [1] })], ["~ a aliases"]],
    ["its protection", [resource("a", { inputs: { data: { x: 1 } }, protect: true })], ["~ a protect"]],
    ["another resource in its place", [resource("b")], ["+ b", "- a"]],
  ])("changes names %s", (_, after, found) => {
    expect(changes([resource("a", { inputs: { data: { x: 1 } } })], after)).toEqual(found);
  });
});
