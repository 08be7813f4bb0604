import { readFileSync } from "node:fs";
import { join } from "node:path";

import { nodeIdentity } from "../../besu/keys";
import { leaks, misnamed, straying, waitsFor } from "./judges";
import { mockKey, mockKubeconfig, mockTransaction, type ProgramRun, runProgram } from "./program";

const dev = readFileSync(join(__dirname, "../../Pulumi.dev.yaml"), "utf8");
const regions = ["northeurope", "brazilsouth", "japaneast", "southeastasia", "eastasia"];
const keyOf = (region: string) => mockKey(`global-key-${region}-0`);
interface Named {
  readonly name: string;
}
const addresses = regions.map((region) => nodeIdentity(`0x${keyOf(region)}`).address);

describe("the program, configured by Pulumi.dev.yaml", () => {
  let run: ProgramRun;
  beforeAll(async () => {
    run = await runProgram(dev, "dev");
  });
  const inputs = (name: string) => run.one(name).inputs;

  describe("its resources", () => {
    it("are the chain, five regions with their providers, and two chains' contracts at the top", () => {
      expect(run.childrenOf("meridian-dev")).toEqual(
        [
          "chain1-contracts meridian:contracts:Contracts",
          "chain138-contracts meridian:contracts:Contracts",
          "global-chain meridian:besu:Chain",
          "global-mesh meridian:network:Mesh",
          ...regions.map((region) => `${region}-region meridian:region:Region`),
          // Not in their regions: see components/kubernetes-provider.ts.
          ...regions.map((region) => `${region}-kubernetes pulumi:providers:kubernetes`),
        ].sort(),
      );
    });

    it("are one key a validator in the chain, and the record of its genesis", () => {
      expect(run.childrenOf("global-chain")).toEqual(
        [
          "global-genesis random:index/randomId:RandomId",
          ...regions.map((region) => `global-key-${region}-0 random:index/randomBytes:RandomBytes`),
        ].sort(),
      );
    });

    it.each(regions)("are the same in %s as in every region", (region) => {
      expect(run.childrenOf(`${region}-region`)).toEqual([
        `${region}-cluster meridian:region:Cluster`,
        `${region}-disruptions kubernetes:policy/v1:PodDisruptionBudget`,
        `${region}-group azure-native:resources:ResourceGroup`,
        `${region}-keys meridian:region:KeyVault`,
        `${region}-logs azure-native:operationalinsights:Workspace`,
        `${region}-namespace kubernetes:core/v1:Namespace`,
        `${region}-network meridian:region:Network`,
        `${region}-policy-nothing kubernetes:networking.k8s.io/v1:NetworkPolicy`,
        `${region}-policy-validators kubernetes:networking.k8s.io/v1:NetworkPolicy`,
        `${region}-snapshots meridian:region:Snapshots`,
        `${region}-storage kubernetes:storage.k8s.io/v1:StorageClass`,
        `${region}-validator-0 meridian:besu:Validator`,
      ]);
      expect(run.childrenOf(`${region}-network`)).toEqual([
        `${region}-network-egress-address azure-native:network:PublicIPAddress`,
        `${region}-network-member azure-native:network:StaticMember`,
        `${region}-network-nat azure-native:network:NatGateway`,
        `${region}-network-rules azure-native:network:NetworkSecurityGroup`,
        `${region}-network-vnet azure-native:network:VirtualNetwork`,
      ]);
      expect(run.childrenOf(`${region}-cluster`)).toEqual([
        `${region}-cluster-aks azure-native:containerservice:ManagedCluster`,
        `${region}-cluster-diagnostics azure-native:monitor:DiagnosticSetting`,
        `${region}-cluster-identity azure-native:managedidentity:UserAssignedIdentity`,
        `${region}-cluster-maintenance-images azure-native:containerservice:MaintenanceConfiguration`,
        `${region}-cluster-maintenance-upgrades azure-native:containerservice:MaintenanceConfiguration`,
        `${region}-cluster-network-role azure-native:authorization:RoleAssignment`,
        `${region}-cluster-validators azure-native:containerservice:AgentPool`,
      ]);
      expect(run.childrenOf(`${region}-validator-0`)).toEqual([
        `${region}-validator-0-config kubernetes:core/v1:ConfigMap`,
        `${region}-validator-0-key meridian:besu:VaultedKey`,
        `${region}-validator-0-service kubernetes:core/v1:Service`,
        `${region}-validator-0-set kubernetes:apps/v1:StatefulSet`,
      ]);
      expect(run.childrenOf(`${region}-validator-0-key`)).toEqual([
        `${region}-validator-0-key-account kubernetes:core/v1:ServiceAccount`,
        `${region}-validator-0-key-federation azure-native:managedidentity:FederatedIdentityCredential`,
        `${region}-validator-0-key-identity azure-native:managedidentity:UserAssignedIdentity`,
        `${region}-validator-0-key-mount kubernetes:secrets-store.csi.x-k8s.io/v1:SecretProviderClass`,
        `${region}-validator-0-key-reader azure-native:authorization:RoleAssignment`,
        `${region}-validator-0-key-secret azure-native:keyvault:Secret`,
      ]);
      expect(run.childrenOf(`${region}-keys`)).toEqual([
        `${region}-keys-diagnostics azure-native:monitor:DiagnosticSetting`,
        `${region}-keys-endpoint azure-native:network:PrivateEndpoint`,
        `${region}-keys-endpoint-name azure-native:network:PrivateDnsZoneGroup`,
        `${region}-keys-suffix random:index/randomId:RandomId`,
        `${region}-keys-vault azure-native:keyvault:Vault`,
        `${region}-keys-zone azure-native:privatedns:PrivateZone`,
        `${region}-keys-zone-link azure-native:privatedns:VirtualNetworkLink`,
      ]);
    });

    it("have names that a target of their region, or of what is global, finds", () => {
      expect(misnamed(run.resources, regions)).toEqual([]);
    });

    it("hand no arguments to the engine where they are components", () => {
      const components = run.resources.filter(({ custom }) => !custom);

      expect(components.filter(({ inputs: given }) => Object.keys(given).length > 0)).toEqual([]);
    });

    it("carry none of azure-native's version aliases", () => {
      const azure = run.resources.filter(({ type }) => type.startsWith("azure-native:"));

      expect(azure.length).toBeGreaterThan(10 * regions.length);
      expect(azure.filter(({ aliases }) => aliases.length > 0)).toEqual([]);
    });

    it("are all unprotected in dev", () => {
      expect(run.resources.filter(({ protect }) => protect)).toEqual([]);
    });
  });

  describe("their order", () => {
    it("joins two regions by nothing but what is global", () => {
      expect(straying(run.resources, regions)).toEqual([]);
    });

    it.each(["japaneast-network-vnet", "japaneast-cluster-aks", "japaneast-cluster-validators", "japaneast-namespace"])(
      "does not let %s wait for the chain",
      (name) => {
        expect(waitsFor(run.resources, name).filter((other) => other.startsWith("global-"))).toEqual([]);
      },
    );

    it("lets a validator wait for all keys and its own cluster", () => {
      expect(waitsFor(run.resources, "japaneast-validator-0-set")).toEqual(
        [
          "global-genesis",
          ...regions.map((region) => `global-key-${region}-0`),
          "japaneast-cluster-aks",
          "japaneast-cluster-identity",
          "japaneast-cluster-network-role",
          "japaneast-cluster-validators",
          "japaneast-group",
          "japaneast-keys-endpoint",
          "japaneast-keys-endpoint-name",
          "japaneast-keys-suffix",
          "japaneast-keys-vault",
          "japaneast-keys-zone",
          "japaneast-keys-zone-link",
          "japaneast-namespace",
          "japaneast-network-egress-address",
          "japaneast-network-nat",
          "japaneast-network-rules",
          "japaneast-network-vnet",
          "japaneast-validator-0-config",
          "japaneast-validator-0-key-account",
          "japaneast-validator-0-key-federation",
          "japaneast-validator-0-key-identity",
          "japaneast-validator-0-key-mount",
          "japaneast-validator-0-key-reader",
          "japaneast-validator-0-key-secret",
        ].sort(),
      );
    });

    it("binds a provider to nothing, since the engine includes it in every target", () => {
      const provider = run.one("japaneast-kubernetes");

      expect(provider).toMatchObject({ parent: run.one("meridian-dev").urn, dependencies: [] });
    });

    it("lets neither the load balancer nor the pod wait for the other, as each is ready only with the other", () => {
      expect(waitsFor(run.resources, "japaneast-validator-0-set")).not.toContain("japaneast-validator-0-service");
      expect(waitsFor(run.resources, "japaneast-validator-0-service")).not.toContain("japaneast-validator-0-set");
    });
  });

  describe("its secrets", () => {
    const keys = regions.flatMap((region) => [keyOf(region), Buffer.from(keyOf(region)).toString("base64")]);

    it("stand in plain view in no input and no output", () => {
      expect(leaks([run.resources, run.outputs], [...keys, "a certificate"])).toEqual([]);
    });

    it("reach the one place that needs them: each key its region's vault", () => {
      for (const region of regions) {
        const { properties } = inputs(`${region}-validator-0-key-secret`) as { properties: { value: unknown } };
        expect(properties.value).toEqual({ secret: keyOf(region) });
      }
      expect(run.resources.filter(({ type }) => type === "kubernetes:core/v1:Secret")).toEqual([]);
    });

    it("are readable by one identity each, which belongs to one service account", () => {
      const grants = run.resources.filter(({ inputs: given }) => String(given.scope).includes("-key-secret"));

      expect(grants.map(({ name }) => name).sort()).toEqual(
        regions.map((region) => `${region}-validator-0-key-reader`).sort(),
      );
      expect(inputs("japaneast-validator-0-key-reader")).toMatchObject({
        scope: "/subscriptions/test/japaneast-validator-0-key-secret",
        principalId: "principal-of-japaneast-validator-0-key-identity",
        roleDefinitionId: expect.stringContaining("4633458b-17de-408a-b874-0445c86b69e6"),
      });
      expect(inputs("japaneast-validator-0-key-federation")).toMatchObject({
        issuer: "https://issuer/japaneast-cluster-aks",
        subject: "system:serviceaccount:besu:validator-0",
      });
    });

    it("lie in vaults that no network but the region's own reaches, and that nobody can purge", () => {
      expect(inputs("japaneast-keys-vault").properties).toMatchObject({
        enableRbacAuthorization: true,
        enablePurgeProtection: true,
        publicNetworkAccess: "Disabled",
        networkAcls: { defaultAction: "Deny" },
      });
      expect(inputs("japaneast-keys-endpoint").subnet).toMatchObject({
        id: "/subscriptions/test/japaneast-network-vnet/subnets/private-endpoints",
      });
    });

    it("do not taint what is public", () => {
      const data = inputs("japaneast-validator-0-config").data as Record<string, unknown>;

      expect(Object.values(data).map((text) => typeof text)).toEqual(["string", "string", "string", "string"]);
      expect(run.outputs.validators[0].address).toBe(addresses[0]);
    });
  });

  describe("the chain", () => {
    const fileOf = (region: string, file: string): unknown =>
      JSON.parse(inputs(`${region}-validator-0-config`).data[file] as string);

    it("has one genesis for all, with every validator's account", () => {
      const genesis = fileOf("japaneast", "genesis.json") as { config: { chainId: number }; alloc: object };

      expect(genesis.config.chainId).toBe(138);
      expect(Object.keys(genesis.alloc).slice(0, 5)).toEqual([...addresses].sort());
      for (const region of regions) expect(fileOf(region, "genesis.json")).toEqual(genesis);
    });

    it("has one list of peers for all, at the fixed addresses of their regions", () => {
      const peers = fileOf("japaneast", "static-nodes.json") as string[];

      expect(peers.map((peer) => peer.split("@")[1]).sort()).toEqual(
        ["10.14.0.10:30303", "10.25.0.10:30303", "10.35.0.10:30303", "10.43.0.10:30303", "10.6.0.10:30303"].sort(),
      );
      for (const region of regions) expect(fileOf(region, "static-nodes.json")).toEqual(peers);
    });

    it("tells each node its own address", () => {
      expect(inputs("eastasia-validator-0-config").data["config.toml"]).toContain('p2p-host="10.14.0.10"\n');
      expect(inputs("southeastasia-validator-0-config").data["config.toml"]).toContain('p2p-host="10.43.0.10"\n');
    });
  });

  describe("the stack's outputs", () => {
    it("name the regions, the validators, and each chain's contracts", () => {
      expect(run.outputs.regions).toEqual(regions);
      expect(run.outputs.validators).toHaveLength(5);
      expect(run.outputs.validators[2]).toEqual({
        name: "japaneast-validator-0",
        host: "10.25.0.10",
        address: addresses[2],
        enode: `enode://${nodeIdentity(`0x${keyOf("japaneast")}`).publicKey.slice(2)}@10.25.0.10:30303`,
      });
      expect(Object.keys(run.outputs.contracts.chain138 as object)).toHaveLength(9);
      expect(Object.keys(run.outputs.contracts.chain1 as object)).toHaveLength(7);
      expect(run.outputs.contracts.chain1["chain1-weth9"]).toEqual({
        address: expect.stringMatching(/^0x[0-9a-fA-F]{40}$/),
        transaction: mockTransaction,
        adopted: false,
        verdict: "perfect",
      });
    });
  });

  describe("what Azure is asked for in japaneast", () => {
    const tags = { environment: "dev", "meridian-stack": "dev", "meridian-region": "japaneast" };
    const subnet = (name: string) => `/subscriptions/test/japaneast-network-vnet/subnets/${name}`;

    it("is a resource group", () => {
      expect(inputs("japaneast-group")).toEqual({
        resourceGroupName: "meridian-dev-japaneast",
        location: "japaneast",
        tags,
      });
    });

    it("is a network with four subnets, each under the rules, and a way out for nodes alone", () => {
      const { subnets, ...network } = inputs("japaneast-network-vnet");

      expect(network).toMatchObject({
        resourceGroupName: "meridian-dev-japaneast",
        virtualNetworkName: "japaneast-network",
        location: "japaneast",
        addressSpace: { addressPrefixes: ["10.25.0.0/16"] },
        tags,
      });
      const rules = { id: "/subscriptions/test/japaneast-network-rules" };
      const shut = { networkSecurityGroup: rules, defaultOutboundAccess: false };
      const natGateway = { id: "/subscriptions/test/japaneast-network-nat" };
      expect(subnets).toEqual([
        { name: "load-balancers", addressPrefix: "10.25.0.0/18", ...shut },
        { name: "system", addressPrefix: "10.25.64.0/18", ...shut, natGateway },
        { name: "validators", addressPrefix: "10.25.128.0/18", ...shut, natGateway },
        {
          name: "private-endpoints",
          addressPrefix: "10.25.192.0/18",
          ...shut,
          privateEndpointNetworkPolicies: "Enabled",
        },
      ]);
    });

    it("is to let in the members' peer-to-peer port, the region itself and Azure's probes, and nothing else", () => {
      const { securityRules } = inputs("japaneast-network-rules") as { securityRules: Record<string, unknown>[] };
      const own = ["10.25.0.0/16", "100.64.0.0/16"];

      expect(securityRules.filter(({ direction }) => direction === "Inbound")).toMatchObject([
        { priority: 100, protocol: "Tcp", destinationPortRange: "30303", sourceAddressPrefix: "10.0.0.0/8" },
        { priority: 110, sourceAddressPrefixes: own, destinationAddressPrefixes: own },
        { priority: 120, sourceAddressPrefix: "AzureLoadBalancer" },
        { priority: 4000, access: "Deny", sourceAddressPrefix: "*", destinationAddressPrefix: "*" },
      ]);
    });

    it("is to let out the peer-to-peer port and HTTPS, and nothing else", () => {
      const { securityRules } = inputs("japaneast-network-rules") as { securityRules: Record<string, unknown>[] };

      expect(securityRules.filter(({ direction }) => direction === "Outbound")).toMatchObject([
        { priority: 100, protocol: "Tcp", destinationPortRange: "30303", destinationAddressPrefix: "10.0.0.0/8" },
        { priority: 110, destinationAddressPrefixes: ["10.25.0.0/16", "100.64.0.0/16"] },
        { priority: 120, protocol: "Tcp", destinationPortRange: "443", destinationAddressPrefix: "Internet" },
        { priority: 4000, access: "Deny" },
      ]);
    });

    it("is a mesh that knows no region's resources, and which each region joins", () => {
      expect(inputs("global-mesh-commit").properties.targetLocations).toEqual([...regions].sort());
      const mesh = run.resources.filter(({ name }) => name.startsWith("global-mesh-"));
      expect(mesh.flatMap(({ name }) => waitsFor(run.resources, name)).every((to) => to.startsWith("global-"))).toBe(
        true,
      );
      expect(inputs("japaneast-network-member")).toMatchObject({
        networkManagerName: "global-mesh",
        networkGroupName: "members",
        resourceId: "/subscriptions/test/japaneast-network-vnet",
      });
    });

    it("is a cluster with its system pool", () => {
      expect(inputs("japaneast-cluster-aks")).toMatchObject({
        resourceGroupName: "meridian-dev-japaneast",
        resourceName: "japaneast-cluster",
        location: "japaneast",
        sku: { name: "Base", tier: "Free" },
        kubernetesVersion: "1.34",
        identity: { type: "UserAssigned", userAssignedIdentities: ["/subscriptions/test/japaneast-cluster-identity"] },
        oidcIssuerProfile: { enabled: true },
        securityProfile: { workloadIdentity: { enabled: true } },
        networkProfile: { networkPluginMode: "overlay", networkDataplane: "cilium" },
        agentPoolProfiles: [
          {
            name: "system",
            mode: "System",
            count: 1,
            vmSize: "Standard_D2s_v5",
            availabilityZones: ["1", "2", "3"],
            nodeTaints: ["CriticalAddonsOnly=true:NoSchedule"],
            vnetSubnetID: subnet("system"),
          },
        ],
        tags,
      });
    });

    it("is a pool for validators alone, a node for each", () => {
      expect(inputs("japaneast-cluster-validators")).toMatchObject({
        resourceName: "japaneast-cluster",
        agentPoolName: "validators",
        mode: "User",
        count: 1,
        nodeLabels: { "meridian.io/role": "validator" },
        nodeTaints: ["meridian.io/role=validator:NoSchedule"],
        vnetSubnetID: subnet("validators"),
      });
    });

    it("is leave for the cluster to use the network, and nothing beyond", () => {
      expect(inputs("japaneast-cluster-network-role")).toEqual({
        scope: "/subscriptions/test/japaneast-network-vnet",
        principalId: "principal-of-japaneast-cluster-identity",
        principalType: "ServicePrincipal",
        roleDefinitionId:
          "/subscriptions/test/providers/Microsoft.Authorization/roleDefinitions/4d97b98b-1d4f-4787-a291-c67834d212e7",
      });
    });
  });

  describe("what Kubernetes is asked for in japaneast", () => {
    it("is asked for at japaneast's cluster alone", () => {
      const provider = run.one("japaneast-kubernetes");
      const objects = run.resources.filter(
        ({ type, name }) => type.startsWith("kubernetes:") && name.startsWith("jap"),
      );

      expect(objects).toHaveLength(19);
      expect(objects.filter((object) => !object.provider.startsWith(`${provider.urn}::`))).toEqual([]);
      expect(provider.inputs.kubeconfig).toEqual({ secret: mockKubeconfig("japaneast-cluster") });
    });

    it("is a namespace that refuses careless pods", () => {
      expect(inputs("japaneast-namespace").metadata).toEqual({
        name: "besu",
        labels: { "pod-security.kubernetes.io/enforce": "restricted" },
      });
    });

    it("is an internal load balancer with the validator's fixed address", () => {
      const { metadata, spec } = inputs("japaneast-validator-0-service");

      expect(metadata.annotations).toEqual({
        "service.beta.kubernetes.io/azure-load-balancer-internal": "true",
        "service.beta.kubernetes.io/azure-load-balancer-internal-subnet": "load-balancers",
        "service.beta.kubernetes.io/azure-load-balancer-ipv4": "10.25.0.10",
      });
      expect(spec).toMatchObject({
        type: "LoadBalancer",
        externalTrafficPolicy: "Local",
        publishNotReadyAddresses: true,
      });
      expect(spec.ports).toMatchObject([{ port: 30303 }, { port: 8545 }, { port: 9545 }]);
      expect(spec.selector).toEqual(inputs("japaneast-validator-0-set").spec.selector.matchLabels);
    });

    it("lets validators speak to members, and be called from their own region, and shuts everything else", () => {
      const { spec } = inputs("japaneast-policy-validators");
      const validators = { podSelector: { matchLabels: spec.podSelector.matchLabels } };
      const members = [{ ipBlock: { cidr: "10.0.0.0/8" } }, validators];

      expect(spec.ingress).toEqual([
        { from: members, ports: [{ protocol: "TCP", port: 30303 }] },
        { from: [{ ipBlock: { cidr: "10.25.0.0/16" } }], ports: [{ protocol: "TCP", port: 8545 }] },
        { from: [expect.objectContaining({ namespaceSelector: expect.anything() })], ports: [expect.anything()] },
      ]);
      expect(spec.egress).toEqual([{ to: members, ports: [{ protocol: "TCP", port: 30303 }] }]);
      expect(inputs("japaneast-policy-nothing").spec).toEqual({
        podSelector: {},
        policyTypes: ["Ingress", "Egress"],
      });
    });

    it("is one pod on a validator node, with its key, its files and its disk, and no rights to spare", () => {
      const { spec } = inputs("japaneast-validator-0-set");
      const { containers, volumes, ...pod } = spec.template.spec;

      expect(spec).toMatchObject({ replicas: 1, serviceName: "validator-0" });
      expect(spec.template.metadata.labels).toEqual(spec.selector.matchLabels);
      expect(pod).toMatchObject({
        serviceAccountName: "validator-0",
        automountServiceAccountToken: false,
        nodeSelector: { "meridian.io/role": "validator" },
        tolerations: [{ key: "meridian.io/role", value: "validator", operator: "Equal", effect: "NoSchedule" }],
        securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: "RuntimeDefault" } },
      });
      expect(containers).toHaveLength(1);
      expect(containers[0].securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      });
      const claims = spec.volumeClaimTemplates as { metadata: Named }[];
      const provided = [...(volumes as Named[]), ...claims.map(({ metadata }) => metadata)];
      const mounted = containers[0].volumeMounts as Named[];
      expect(mounted.map(({ name }) => name).sort()).toEqual(provided.map(({ name }) => name).sort());
      expect(volumes).toEqual([
        { name: "config", configMap: { name: "validator-0-config" } },
        {
          name: "key",
          csi: {
            driver: "secrets-store.csi.k8s.io",
            readOnly: true,
            volumeAttributes: { secretProviderClass: "validator-0" },
          },
        },
        { name: "tmp", emptyDir: {} },
      ]);
    });
  });
});
