import { checkName } from "../../rehearsal/azure/checks";
import type { Properties } from "../../rehearsal/protocol/values";
import { leaks, misnamed, publicThings, scopeOf, straying, waitsFor } from "./judges";
import { mockKey, type ProgramRun, type Registered, runProgram } from "./program";

jest.setTimeout(60_000);

// The longest name of a region that Azure has is among them.
const regions = ["germanywestcentral", "japaneast", "japanwest", "brazilsouth", "australiasoutheast"];
const stack = (rpc: string, more = "") => `
config:
  meridian:regions: [${regions.map((name) => `{ name: ${name}${name === "brazilsouth" ? more : ""} }`).join(", ")}]
  meridian:contracts:
    salt: test
    owner: "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
    chains: {}
  meridian:rpc: { enabled: true, ${rpc} }
`;
const internal = "hosts: [rpc.example.org]";

interface Container {
  readonly name: string;
  readonly args: readonly string[];
  readonly ports: readonly { readonly name: string }[];
  readonly env: readonly object[];
  readonly volumeMounts: readonly { readonly name: string }[];
  readonly readinessProbe: { readonly exec: { readonly command: readonly string[] } };
  readonly securityContext: object;
}
interface Pod {
  readonly containers: readonly Container[];
  readonly volumes: readonly { readonly name: string }[];
  readonly topologySpreadConstraints: readonly { readonly topologyKey: string }[];
}
const specOf = (run: ProgramRun, name: string) => run.one(name).inputs.spec as Record<string, any>;
const fileOf = (run: ProgramRun, name: string, file: string) => run.one(name).inputs.data[file] as string;
const rpcThings = ({ resources }: ProgramRun) => resources.filter(({ name }) => /^[a-z]+-rpc(-|$)/.test(name));
const textOf = (resources: readonly Registered[]) => JSON.stringify(resources.map(({ inputs }) => inputs));

describe("a fleet with internal RPC nodes, and certificates from Key Vault", () => {
  let run: ProgramRun;
  beforeAll(async () => {
    run = await runProgram(stack(internal), "s".repeat(46));
  });
  const pod = () => specOf(run, "japaneast-rpc-set").template.spec as Pod;
  const container = (name: string) => pod().containers.find((one) => one.name === name)!;

  it("has these resources more in each region, and stays under 90", () => {
    expect(
      rpcThings(run)
        .filter(({ name }) => scopeOf(name, regions) === "japaneast")
        .map(({ name, type }) => `${name} ${type}`)
        .sort(),
    ).toEqual(
      [
        "japaneast-rpc meridian:besu:Rpc",
        "japaneast-rpc-account kubernetes:core/v1:ServiceAccount",
        "japaneast-rpc-autoscaler kubernetes:autoscaling/v2:HorizontalPodAutoscaler",
        "japaneast-rpc-certificate meridian:region:Certificate",
        "japaneast-rpc-certificate-federation azure-native:managedidentity:FederatedIdentityCredential",
        "japaneast-rpc-certificate-identity azure-native:managedidentity:UserAssignedIdentity",
        "japaneast-rpc-certificate-mount kubernetes:secrets-store.csi.x-k8s.io/v1:SecretProviderClass",
        "japaneast-rpc-certificate-reader azure-native:authorization:RoleAssignment",
        "japaneast-rpc-certificate-secret azure-native:keyvault:Secret",
        "japaneast-rpc-config kubernetes:core/v1:ConfigMap",
        "japaneast-rpc-disruptions kubernetes:policy/v1:PodDisruptionBudget",
        "japaneast-rpc-gateway kubernetes:core/v1:ConfigMap",
        "japaneast-rpc-namespace kubernetes:core/v1:Namespace",
        "japaneast-rpc-peers kubernetes:core/v1:Service",
        "japaneast-rpc-policy kubernetes:networking.k8s.io/v1:NetworkPolicy",
        "japaneast-rpc-service kubernetes:core/v1:Service",
        "japaneast-rpc-set kubernetes:apps/v1:StatefulSet",
        "japaneast-rpc-storage kubernetes:storage.k8s.io/v1:StorageClass",
      ].sort(),
    );
    const all = run.resources.filter(({ name }) => scopeOf(name, regions) === "japaneast").length;
    // A second validator, as in the fleet, is eleven more.
    expect(all + 11).toBeLessThan(90);
  });

  it("reaches no validator's key, identity or account, and holds no key at all", () => {
    const things = rpcThings(run);
    const keys = regions.map((region) => mockKey(`global-key-${region}-0`));

    expect(leaks(things, keys)).toEqual([]);
    expect(textOf(things)).not.toMatch(/validator-0|node-private-key|-key-identity|-key-secret/);
    expect(container("besu").volumeMounts).not.toContainEqual(expect.objectContaining({ name: "key" }));
    for (const { type, inputs } of things.filter(({ type }) => type.startsWith("kubernetes:"))) {
      if (!/Namespace$|StorageClass$/.test(type)) expect(inputs.metadata.namespace).toBe("rpc");
    }
  });

  it("lets one identity read one certificate, and nothing else of the vault", () => {
    const grant = run.one("japaneast-rpc-certificate-reader").inputs;

    expect(grant).toMatchObject({
      scope: "/subscriptions/test/japaneast-rpc-certificate-secret",
      principalId: "principal-of-japaneast-rpc-certificate-identity",
      roleDefinitionId: expect.stringContaining("4633458b-17de-408a-b874-0445c86b69e6"),
    });
    expect(run.one("japaneast-rpc-certificate-federation").inputs.subject).toBe("system:serviceaccount:rpc:rpc");
  });

  it("lets nobody in from the internet", () => {
    expect(publicThings(rpcThings(run))).toEqual([]);
    expect(run.one("japaneast-rpc-service").inputs).toMatchObject({
      metadata: {
        annotations: {
          "service.beta.kubernetes.io/azure-load-balancer-internal": "true",
          "service.beta.kubernetes.io/azure-load-balancer-ipv4": "10.25.0.200",
        },
      },
      spec: { type: "LoadBalancer", externalTrafficPolicy: "Local", ports: [{ port: 443, targetPort: "gateway" }] },
    });
    expect(specOf(run, "japaneast-rpc-peers")).toMatchObject({ clusterIP: "None" });
  });

  it("may be called at the gateway by its own region, dials validators, and nothing more", () => {
    expect(specOf(run, "japaneast-rpc-policy")).toMatchObject({
      podSelector: {},
      policyTypes: ["Ingress", "Egress"],
      ingress: [
        { from: [{ ipBlock: { cidr: "10.25.0.0/16" } }], ports: [{ port: 8443 }] },
        { from: [{ namespaceSelector: expect.anything() }], ports: [{ port: 9545 }] },
      ],
      egress: [{ to: [{ ipBlock: { cidr: "10.0.0.0/8" } }, expect.anything()], ports: [{ port: 30303 }] }],
    });
    expect(specOf(run, "japaneast-policy-validators").ingress[0].from).toContainEqual(
      expect.objectContaining({ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "rpc" } } }),
    );
  });

  it("has Besu on the pod's loopback, with the role's own options, and the gateway as the only way in", () => {
    const toml = fileOf(run, "japaneast-rpc-config", "config.toml");

    expect(toml).toContain('rpc-http-host="127.0.0.1"\n');
    expect(toml).toContain('rpc-ws-host="127.0.0.1"\n');
    // The environment of Besu's image goes before the file, and the command line before both.
    expect(container("besu").args.slice(1, 3)).toEqual(["--rpc-http-host=127.0.0.1", "--rpc-ws-host=127.0.0.1"]);
    expect(toml).toContain('rpc-ws-api=["ETH","NET","WEB3"]\n');
    expect(toml).toContain("bonsai-parallel-tx-processing-enabled=false\n");
    expect(toml).not.toContain("node-private-key-file");
    expect(container("besu").ports.map(({ name }) => name)).toEqual(["p2p", "metrics"]);
    expect(container("gateway").ports).toEqual([{ name: "gateway", containerPort: 8443 }]);
  });

  it("peers with the validators of its own region and the two nearest, at their addresses", () => {
    const peers = JSON.parse(fileOf(run, "japaneast-rpc-config", "static-nodes.json")) as string[];

    expect(peers.map((peer) => peer.split("@")[1])).toEqual(
      expect.arrayContaining(["10.25.0.10:30303", expect.any(String), expect.any(String)]),
    );
    expect(peers).toHaveLength(3);
    expect(fileOf(run, "japaneast-validator-0-config", "config.toml")).toContain(`max-peers=${5 + 5 * 6}\n`);
  });

  it("lets the configured methods through the gateway, for the configured names", () => {
    const policy = fileOf(run, "japaneast-rpc-gateway", "policy.js");
    const config = fileOf(run, "japaneast-rpc-gateway", "nginx.conf");

    expect(policy).toContain('"eth_sendRawTransaction"');
    expect(policy).not.toMatch(/admin_|qbft_|debug_|txpool_/);
    expect(config).toContain("server_name rpc.example.org;");
    expect(config).toContain('"/etc/gateway-certificate/tls.pem"');
    expect(fileOf(run, "japaneast-rpc-gateway", "gateway.js")).toContain("export default");
  });

  it("has pods with no rights to spare, that mount what they have", () => {
    const { containers, volumes, ...spec } = pod();

    expect(spec).toMatchObject({
      serviceAccountName: "rpc",
      automountServiceAccountToken: false,
      nodeSelector: { "meridian.io/role": "rpc" },
      securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: "RuntimeDefault" } },
    });
    expect(spec.topologySpreadConstraints.map(({ topologyKey }) => topologyKey)).toContain(
      "topology.kubernetes.io/zone",
    );
    for (const { securityContext } of containers) {
      expect(securityContext).toMatchObject({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      });
    }
    const mounted = containers.flatMap(({ volumeMounts }) => volumeMounts.map(({ name }) => name));
    expect([...mounted].sort()).toEqual(["data", ...volumes.map(({ name }) => name)].sort());
    expect(container("besu").readinessProbe.exec.command.slice(-3)).toEqual(["ready", "60", "10"]);
    expect(container("besu").env).toContainEqual({ name: "BESU_OPTS", value: "-XX:MaxRAMPercentage=70" });
  });

  it("is scaled on Besu's own CPU between the configured numbers, and down only after an hour", () => {
    expect(specOf(run, "japaneast-rpc-autoscaler")).toMatchObject({
      scaleTargetRef: { kind: "StatefulSet", name: "rpc" },
      minReplicas: 2,
      maxReplicas: 6,
      metrics: [{ type: "ContainerResource", containerResource: { name: "cpu", container: "besu" } }],
      behavior: { scaleDown: { stabilizationWindowSeconds: 3600 } },
    });
    expect(specOf(run, "japaneast-rpc-set")).not.toHaveProperty("replicas");
    expect(run.one("japaneast-cluster-rpc").inputs).toMatchObject({
      enableAutoScaling: true,
      minCount: 2,
      maxCount: 6,
    });
    expect(waitsFor(run.resources, "japaneast-rpc-namespace")).toContain("japaneast-cluster-rpc");
    expect(waitsFor(run.resources, "japaneast-cluster-rpc")).toContain("japaneast-cluster-validators");
  });

  it("joins no two regions, is named by its region, and by names that Azure accepts", () => {
    expect(straying(run.resources, regions)).toEqual([]);
    expect(misnamed(run.resources, regions)).toEqual([]);
    expect(run.resources.flatMap(({ type, inputs }) => checkName(type, inputs as Properties) ?? [])).toEqual([]);
  });
});

describe("RPC nodes of one region alone", () => {
  it("are switched on, and sized, by that region's own settings", async () => {
    const yaml = stack(internal, ", rpc: { enabled: true, minReplicas: 1, maxReplicas: 3, cores: 4 }");
    const run = await runProgram(yaml.replace("meridian:rpc: { enabled: true", "meridian:rpc: { enabled: false"));

    expect(new Set(rpcThings(run).map(({ name }) => scopeOf(name, regions)))).toEqual(new Set(["brazilsouth"]));
    expect(specOf(run, "brazilsouth-rpc-autoscaler")).toMatchObject({ minReplicas: 1, maxReplicas: 3 });
    expect(fileOf(run, "brazilsouth-rpc-config", "config.toml")).toContain("processing-enabled=true\n");
    expect(fileOf(run, "japaneast-validator-0-config", "config.toml")).toContain("max-peers=25\n");
  });
});

describe("certificates from cert-manager", () => {
  it("are requested from the named issuer for the region's names, and need no identity in Azure", async () => {
    const run = await runProgram(
      stack('hosts: ["{region}.rpc.example.org"], certificate: certManager, issuer: public'),
    );

    expect(run.one("japaneast-rpc-certificate-request").inputs).toMatchObject({
      apiVersion: "cert-manager.io/v1",
      spec: { dnsNames: ["japaneast.rpc.example.org"], issuerRef: { kind: "ClusterIssuer", name: "public" } },
    });
    expect(rpcThings(run).filter(({ type }) => type.startsWith("azure-native:"))).toEqual([]);
  });
});

describe("a public gateway", () => {
  it("is open to whom the configuration names, and found by Traffic Manager through its health, by name", async () => {
    const run = await runProgram(stack('exposure: public, clients: ["198.51.100.0/24"], entry: trafficManager'));
    const rules = run.one("japaneast-network-rules").inputs.securityRules as Record<string, unknown>[];
    const { monitorConfig, endpoints } = run.one("global-entry-profile").inputs;
    const host = "meridian-test-rpc.japaneast.cloudapp.azure.com";

    expect(publicThings(rpcThings(run)).sort()).toEqual(
      regions.map((region) => `${region}-rpc-service: a public load balancer`).sort(),
    );
    expect(rules.filter(({ name }) => String(name).includes("rpc"))).toMatchObject([
      { direction: "Inbound", access: "Allow", sourceAddressPrefix: "198.51.100.0/24", priority: 200 },
    ]);
    expect(specOf(run, "japaneast-rpc-service").loadBalancerSourceRanges).toEqual(["198.51.100.0/24"]);
    expect(fileOf(run, "japaneast-rpc-gateway", "nginx.conf")).toContain(`server_name ${host};`);
    expect(monitorConfig).toMatchObject({ protocol: "HTTPS", path: "/health" });
    expect(endpoints).toHaveLength(5);
    expect(endpoints[1]).toMatchObject({ name: "japaneast", target: host });
    expect(waitsFor(run.resources, "global-entry-profile").filter((name) => !name.startsWith("global-"))).toEqual([]);
    expect(straying(run.resources, regions)).toEqual([]);
    expect(run.outputs.rpc).toBe("meridian-test-rpc.trafficmanager.net");
  });

  it("is found by Front Door through its health, and lets that one Front Door in alone", async () => {
    const run = await runProgram(stack('hosts: ["{region}.rpc.example.org"], exposure: public, entry: frontDoor'));
    const rules = run.one("japaneast-network-rules").inputs.securityRules as Record<string, unknown>[];
    const config = fileOf(run, "japaneast-rpc-gateway", "nginx.conf");

    expect(run.one("global-entry-gateways").inputs.healthProbeSettings).toMatchObject({ probePath: "/health" });
    expect(run.one("global-entry-gateway-japaneast").inputs).toMatchObject({ hostName: "japaneast.rpc.example.org" });
    expect(waitsFor(run.resources, "global-entry-route")).toContain("global-entry-gateway-japaneast");
    expect(rules.filter(({ name }) => String(name).includes("rpc"))).toMatchObject([
      { sourceAddressPrefix: "AzureFrontDoor.Backend" },
    ]);
    expect(config).toContain('"id-of-global-entry-profile" "";');
    expect(config).toContain("real_ip_header X-Azure-SocketIP;");
    expect(straying(run.resources, regions)).toEqual([]);
    expect(run.resources.flatMap(({ type, inputs }) => checkName(type, inputs as Properties) ?? [])).toEqual([]);
  });
});
