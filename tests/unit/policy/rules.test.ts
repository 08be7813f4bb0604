import { judgeReplacements } from "../../../policy/replacements";
import { plainType, type PolicyResource, resourcesOfState } from "../../../policy/resource";
import { judge, rules } from "../../../policy/rules";
import { parsePolicySettings, type PolicySettings } from "../../../policy/settings";

const tags = { "meridian-stack": "test", "meridian-region": "japaneast" };
const pool = {
  vmSize: "Standard_D4s_v5",
  enableNodePublicIP: false,
  availabilityZones: ["1", "2", "3"],
  tags,
};
const key = "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d"; // anvil's published one
const make = (
  type: string,
  name: string,
  props: Readonly<Record<string, unknown>>,
  protect = true,
): PolicyResource => ({
  ...{ type, name, props, protect },
});
const aks = "azure-native:containerservice:ManagedCluster";
const agents = "azure-native:containerservice:AgentPool";
const vault = "azure-native:keyvault:Vault";

/** Each policy with resources that it lets through, and broken ones with what it must say. */
const cases: Readonly<
  Record<
    string,
    { readonly good: readonly PolicyResource[]; readonly bad: readonly (readonly [PolicyResource, RegExp])[] }
  >
> = {
  "no-public-ip-on-validators": {
    good: [
      make(agents, "japaneast-cluster-validators", pool),
      make("azure-native:network:PublicIPAddress", "japaneast-network-egress-address", { tags }),
      make("kubernetes:core/v1:Service", "japaneast-validator-0-service", {
        metadata: { annotations: { "service.beta.kubernetes.io/azure-load-balancer-internal": "true" } },
        spec: { type: "LoadBalancer" },
      }),
      make("kubernetes:core/v1:Service", "japaneast-rpc-service", { spec: { type: "LoadBalancer" } }),
    ],
    bad: [
      [
        make(agents, "japaneast-cluster-validators", { ...pool, enableNodePublicIP: true }),
        /enableNodePublicIP is true/,
      ],
      [
        make(aks, "japaneast-cluster-aks", {
          disableLocalAccounts: true,
          tags,
          agentPoolProfiles: [{ ...pool, name: "system", enableNodePublicIP: true }],
        }),
        /pool system: enableNodePublicIP/,
      ],
      [make("azure-native:network:PublicIPAddress", "japaneast-validator-0-address", { tags }), /public address/],
      [
        make("kubernetes:core/v1:Service", "japaneast-validator-0-service", { spec: { type: "LoadBalancer" } }),
        /internal/,
      ],
      [make("kubernetes:core/v1:Service", "japaneast-validator-0-service", { spec: { type: "NodePort" } }), /NodePort/],
    ],
  },
  "no-local-accounts": {
    good: [make(aks, "japaneast-cluster-aks", { disableLocalAccounts: true, tags })],
    bad: [
      [make(aks, "japaneast-cluster-aks", { disableLocalAccounts: false, tags }), /is false; it must be true/],
      [make(aks, "japaneast-cluster-aks", { tags }), /is undefined/],
    ],
  },
  "zones-on": {
    good: [
      make(agents, "japaneast-cluster-validators", pool),
      make(agents, "westindia-cluster-validators", { ...pool, availabilityZones: undefined }), // it has no zones
    ],
    bad: [
      [make(agents, "japaneast-cluster-validators", { ...pool, availabilityZones: [] }), /japaneast has zones/],
      [
        make(agents, "japaneast-cluster-validators", { ...pool, availabilityZones: undefined }),
        /availabilityZones is empty/,
      ],
    ],
  },
  "keys-only-in-key-vault": {
    good: [
      make(vault, "japaneast-keys-vault", {
        tags,
        properties: { enablePurgeProtection: true, enableRbacAuthorization: true, publicNetworkAccess: "Disabled" },
      }),
      make("kubernetes:core/v1:ConfigMap", "japaneast-validator-0-config", {
        data: { "genesis.json": "{}", hash: key },
      }),
    ],
    bad: [
      [make("kubernetes:core/v1:Secret", "japaneast-key", { stringData: { key } }), /holds key; mount/],
      [
        make("kubernetes:core/v1:ConfigMap", "japaneast-config", { data: { "node-key": key } }),
        /node-key is a private key/,
      ],
      [make("kubernetes:core/v1:ConfigMap", "japaneast-config", { data: { key: key.slice(2) } }), /is a private key/],
      [
        make(vault, "japaneast-keys-vault", { tags, properties: { publicNetworkAccess: "Enabled" } }),
        /must be Disabled/,
      ],
      [
        make("kubernetes:apps/v1:StatefulSet", "japaneast-validator-0-set", {
          spec: { template: { spec: { containers: [{ env: [{ name: "DEPLOYER_KEY", value: key }] }] } } },
        }),
        /DEPLOYER_KEY holds a private key/,
      ],
    ],
  },
  protected: {
    good: [
      make("random:index/randomBytes:RandomBytes", "global-key-japaneast-0", {}),
      make("kubernetes:core/v1:ConfigMap", "japaneast-validator-0-config", {}, false),
    ],
    bad: [
      [make("random:index/randomBytes:RandomBytes", "global-key-japaneast-0", {}, false), /protect is false/],
      [make("azure-native:keyvault:Secret", "japaneast-validator-0-key-secret", { tags }, false), /protect is false/],
      [make("azure-native:resources:ResourceGroup", "japaneast-group", { tags }, false), /protect is false/],
    ],
  },
  "allowed-regions": {
    good: [
      make(agents, "japaneast-x", { ...pool, location: "japaneast" }),
      make("t", "global-x", { location: "global" }),
    ],
    bad: [
      [
        make("azure-native:network:NatGateway", "japaneast-x", { location: "moonbase", tags }),
        /location is moonbase; allowed: .* more/,
      ],
    ],
  },
  "allowed-skus": {
    good: [
      make(agents, "japaneast-cluster-validators", pool),
      make("kubernetes:storage.k8s.io/v1:StorageClass", "japaneast-storage", {
        parameters: { skuName: "PremiumV2_LRS" },
      }),
    ],
    bad: [
      [
        make(agents, "japaneast-cluster-validators", { ...pool, vmSize: "Standard_M416ms_v2" }),
        /vmSize is Standard_M416ms_v2/,
      ],
      [
        make("kubernetes:storage.k8s.io/v1:StorageClass", "japaneast-storage", {
          parameters: { skuName: "UltraSSD_LRS" },
        }),
        /parameters\.skuName is UltraSSD_LRS/,
      ],
    ],
  },
  tagged: {
    good: [
      make(vault, "global-x", {
        tags,
        properties: { enablePurgeProtection: true, enableRbacAuthorization: true, publicNetworkAccess: "Disabled" },
      }),
    ],
    bad: [
      [make("azure-native:network:NatGateway", "japaneast-x", {}), /tags lack meridian-stack, meridian-region/],
      [
        make("azure-native:network:NatGateway", "japaneast-x", { tags: { ...tags, "meridian-region": "" } }),
        /lack meridian-region/,
      ],
    ],
  },
};

test("every policy has both cases", () => {
  expect(Object.keys(cases).sort()).toEqual(rules.map(({ name }) => name).sort());
});

describe.each(rules)("policy $name", ({ name }) => {
  const { good, bad } = cases[name]!;

  test.each(good)("lets $name pass", (resource) => {
    expect(judge([resource], {})).toEqual([]);
  });

  test.each(bad)("refuses %#: $name", (resource, message) => {
    const found = judge([resource], {});
    expect(found.map(({ policy }) => policy)).toEqual(found.map(() => name));
    expect(found.map(({ message: said }) => said).join("\n")).toMatch(message);
    expect(found[0]).toMatchObject({ resource: resource.name });
  });

  test("finds nothing when it is switched off, either way", () => {
    const broken = bad.map(([resource]) => resource);
    expect(judge(broken, { [name]: "disabled" })).toEqual([]);
    expect(judge(broken, { [name]: { enforcementLevel: "disabled" } })).toEqual([]);
  });
});

test("lists can be narrowed, and tags asked for", () => {
  const machine = make(agents, "japaneast-cluster-validators", { ...pool, location: "japaneast" });
  const settings: PolicySettings = {
    "allowed-regions": { allowed: ["uksouth"] },
    "allowed-skus": { allowed: ["Standard_D8s_v5"] },
    tagged: { required: ["cost-centre"] },
  };
  expect(judge([machine], settings).map(({ message }) => message)).toEqual([
    "location is japaneast; allowed: uksouth.",
    "japaneast-cluster-validators: vmSize is Standard_D4s_v5; allowed: Standard_D8s_v5.",
    "tags lack cost-centre.",
  ]);
});

describe("policy no-replacement", () => {
  const step = (op: string, type: string, name: string) => ({
    op,
    type,
    urn: `urn:pulumi:dev::meridian::${type}::${name}`,
  });
  const set = "kubernetes:apps/v1:StatefulSet";
  const losses = [
    step("replace", set, "japaneast-validator-0-set"),
    step("delete", agents, "japaneast-cluster-validators"),
    step("replace", "kubernetes:storage.k8s.io/v1:StorageClass", "japaneast-storage"),
    step("replace", "azure-native:keyvault/v20230701:Secret", "japaneast-validator-0-key-secret"),
    step("delete", "random:index/randomBytes:RandomBytes", "global-key-japaneast-0"),
    step("replace", aks, "japaneast-cluster-aks"),
  ];

  test.each(losses)("refuses $op of $type", (each) => {
    expect(judgeReplacements([each], {})).toMatchObject([{ policy: "no-replacement" }]);
  });

  test("lets pass what is made, changed or left, and what is replaced elsewhere", () => {
    const steps = [
      ...losses.flatMap(({ type, urn }) => ["create", "update", "same"].map((op) => ({ op, type, urn }))),
      step("replace", "azure-native:network:NatGateway", "japaneast-network-nat"),
      step("delete", set, "japaneast-rpc-set"),
    ];
    expect(judgeReplacements(steps, {})).toEqual([]);
  });

  test("lets pass what the settings name, and only that", () => {
    const settings: PolicySettings = { "no-replacement": { allowed: ["japaneast-storage"] } };
    const names = judgeReplacements(losses, settings).map(({ resource }) => resource);
    expect(names).toHaveLength(losses.length - 1);
    expect(names).not.toContain("japaneast-storage");
    expect(judgeReplacements(losses, { "no-replacement": "disabled" })).toEqual([]);
  });
});

test.each<[object, RegExp]>([
  [{ "no-local-acounts": "disabled" }, /no-local-acounts/],
  [{ tagged: "off" }, /p\.json, tagged/],
  [{ "allowed-skus": { allowed: [] } }, /allowed-skus/],
])("settings that are none are refused by name: %j", (settings, message) => {
  expect(() => parsePolicySettings(settings, "p.json")).toThrow(message);
});

test("a state's resources are read with their plain types", () => {
  const urn = "urn:pulumi:dev::meridian::azure-native:network/v20230201:NatGateway::japaneast-network-nat";
  const type = "azure-native:network/v20230201:NatGateway";
  expect(resourcesOfState({ deployment: { resources: [{ urn, type }] } })).toEqual([
    { type: plainType(type), name: "japaneast-network-nat", props: {}, protect: false },
  ]);
  expect(resourcesOfState({ deployment: {} })).toEqual([]);
});
