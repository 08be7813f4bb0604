import { exporterCode } from "../../components/exporter-code";
import { alertRules } from "../../monitoring/alerts";
import type { ExporterSettings } from "../../operations/exporter/settings";
import { checkName } from "../../rehearsal/azure/checks";
import type { Properties } from "../../rehearsal/protocol/values";
import { leaks, misnamed, scopeOf, straying, waitsFor } from "./judges";
import { mockKey, type ProgramRun, runProgram } from "./program";

jest.setTimeout(60_000);

const regions = ["japaneast", "uksouth"];
const stack = (monitoring: string, more = "") => `
config:
  meridian:regions:
    - { name: japaneast, validators: 2 }
    - { name: uksouth, validators: 2 }
  meridian:allowSingleRegionHalt: true
  meridian:contracts:
    salt: test
    owner: "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
    chains: {}
  meridian:monitoring: { ${monitoring} }
${more}`;
const rpc = "  meridian:rpc: { enabled: true, hosts: [rpc.example.org] }\n";

const specOf = (run: ProgramRun, name: string) => run.one(name).inputs.spec as Record<string, any>;

describe("a fleet that is monitored", () => {
  let run: ProgramRun;
  beforeAll(async () => {
    run = await runProgram(stack("enabled: true, emails: [ops@example.org], runbooks: https://example.org/pages"));
  });

  it("has one workspace, collection, Grafana and the alerts, all of it global", () => {
    expect(run.childrenOf("global-monitoring")).toEqual([
      "global-monitoring-collection azure-native:monitor:DataCollectionRule",
      "global-monitoring-endpoint azure-native:monitor:DataCollectionEndpoint",
      "global-monitoring-grafana azure-native:dashboard:Grafana",
      "global-monitoring-grafana-administrator azure-native:authorization:RoleAssignment",
      "global-monitoring-grafana-reader azure-native:authorization:RoleAssignment",
      "global-monitoring-meridian-0 azure-native:alertsmanagement:PrometheusRuleGroup",
      "global-monitoring-receivers azure-native:monitor:ActionGroup",
      "global-monitoring-suffix random:index/randomId:RandomId",
      "global-monitoring-workspace azure-native:monitor:AzureMonitorWorkspace",
    ]);
  });

  it("has these resources more in each region, and stays under 90 with RPC nodes as well", async () => {
    expect(run.childrenOf("japaneast-monitoring")).toEqual([
      "japaneast-monitoring-association azure-native:monitor:DataCollectionRuleAssociation",
      "japaneast-monitoring-exporter kubernetes:apps/v1:Deployment",
      "japaneast-monitoring-exporter-code kubernetes:core/v1:ConfigMap",
      "japaneast-monitoring-pods kubernetes:azmonitoring.coreos.com/v1:PodMonitor",
      "japaneast-monitoring-policy kubernetes:networking.k8s.io/v1:NetworkPolicy",
    ]);
    const all = await runProgram(stack("enabled: true", rpc));
    const own = all.resources.filter(({ name }) => scopeOf(name, regions) === "japaneast");
    expect(own.length).toBeLessThan(90);
  });

  it("collects from each cluster by the one rule, whose data flow ends in the workspace that the alerts ask", () => {
    for (const region of regions) {
      expect(run.one(`${region}-monitoring-association`).inputs).toMatchObject({
        resourceUri: `/subscriptions/test/${region}-cluster-aks`,
        dataCollectionRuleId: "/subscriptions/test/global-monitoring-collection",
      });
      expect(run.one(`${region}-cluster-aks`).inputs.azureMonitorProfile).toMatchObject({ metrics: { enabled: true } });
    }
    const workspace = "/subscriptions/test/global-monitoring-workspace";
    expect(run.one("global-monitoring-collection").inputs).toMatchObject({
      dataCollectionEndpointId: "/subscriptions/test/global-monitoring-endpoint",
      destinations: { monitoringAccounts: [{ name: "workspace", accountResourceId: workspace }] },
      dataFlows: [{ streams: ["Microsoft-PrometheusMetrics"], destinations: ["workspace"] }],
    });
    expect(run.one("global-monitoring-meridian-0").inputs.scopes).toEqual([workspace]);
  });

  it("alerts by the tested rules, for this network, to whoever is named, with a link to each page", () => {
    const { rules } = run.one("global-monitoring-meridian-0").inputs as { rules: Record<string, any>[] };
    const network = { blockPeriodSeconds: 2, requestTimeoutSeconds: 4, validators: 4, regions: 2 };

    expect(rules.map(({ expression }) => expression as string)).toEqual(
      alertRules(network).map(({ expression }) => expression),
    );
    for (const { actions, annotations } of rules) {
      expect(actions).toEqual([{ actionGroupId: "/subscriptions/test/global-monitoring-receivers" }]);
      expect(annotations.runbook_url).toMatch(/^https:\/\/example\.org\/pages\/[a-z-]+\.md$/);
    }
    expect(run.one("global-monitoring-receivers").inputs.emailReceivers).toMatchObject([
      { emailAddress: "ops@example.org" },
    ]);
  });

  it("lets Grafana read the workspace and nothing else, and has no key beside Entra", () => {
    const { identity, sku, properties } = run.one("global-monitoring-grafana").inputs;
    expect({ identity, sku }).toEqual({ identity: { type: "SystemAssigned" }, sku: { name: "Standard" } });
    expect(properties).toMatchObject({ apiKey: "Disabled" });
    const grants = run.resources.filter(
      ({ inputs }) => inputs.principalId === "principal-of-global-monitoring-grafana",
    );
    expect(grants.map(({ inputs }) => inputs.scope as string)).toEqual([
      "/subscriptions/test/global-monitoring-workspace",
    ]);
    expect(run.outputs.grafana).toMatch(/^https:\/\/meridian-[0-9a-f]{8}\.grafana\.azure\.com$/);
  });

  it("reads the metrics of validators, RPC nodes and the exporter, under the region's name", () => {
    const { selector, podMetricsEndpoints } = specOf(run, "japaneast-monitoring-pods");
    const { values } = selector.matchExpressions[0] as { values: string[] };
    interface Pod {
      readonly metadata: { readonly labels: Record<string, string> };
      readonly spec: { readonly containers: readonly { readonly ports: readonly { readonly name: string }[] }[] };
    }
    const pods = ["japaneast-validator-0-set", "japaneast-monitoring-exporter"].map(
      (name) => specOf(run, name).template as Pod,
    );

    for (const { metadata, spec } of pods) {
      expect(values).toContain(metadata.labels["app.kubernetes.io/component"]);
      expect(spec.containers[0]!.ports.map(({ name }) => name)).toContain(podMetricsEndpoints[0].port);
    }
    expect(podMetricsEndpoints[0]).toMatchObject({
      honorLabels: true,
      relabelings: [{ targetLabel: "region", replacement: "japaneast" }, { targetLabel: "component" }],
    });
  });

  it("tells the exporter its own region's validators alone, and nothing secret", () => {
    const data = run.one("japaneast-monitoring-exporter-code").inputs.data as Record<string, string>;
    const { regions: watched, blockPeriodSeconds } = JSON.parse(data["settings.json"]!) as ExporterSettings;
    const hosts = (run.outputs.validators as { name: string; host: string }[])
      .filter(({ name }) => name.startsWith("japaneast"))
      .map(({ host }) => `http://${host}:8545`);

    expect(watched.flatMap(({ validators }) => validators.map(({ url }) => url))).toEqual(hosts);
    expect(blockPeriodSeconds).toBe(2);
    const keys = regions.flatMap((region) => [0, 1].map((ordinal) => mockKey(`global-key-${region}-${ordinal}`)));
    expect(leaks(run.resources, keys)).toEqual([]);
  });

  it("runs the exporter's own program, the same in every region, in what a ConfigMap holds", () => {
    const { text } = exporterCode();
    for (const region of regions) {
      expect(run.one(`${region}-monitoring-exporter-code`).inputs.data["exporter.js"]).toBe(text);
    }
    expect(Buffer.byteLength(text)).toBeLessThan(512 * 1024);
  });

  it("is hardened: no root, no capabilities, a read-only root, no token; in for the collector, out to validators", () => {
    const { spec } = specOf(run, "japaneast-monitoring-exporter").template as { spec: Record<string, any> };
    expect(spec).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
      containers: [
        {
          image: "node:22.21.1-alpine3.22",
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ["ALL"] },
          },
          resources: { limits: { memory: expect.any(String) } },
        },
      ],
    });
    const policy = specOf(run, "japaneast-monitoring-policy");
    expect(policy.egress).toEqual([
      { to: [{ podSelector: { matchLabels: expect.any(Object) } }], ports: [{ protocol: "TCP", port: 8545 }] },
    ]);
    expect(policy.ingress).toMatchObject([{ ports: [{ port: 9645 }] }]);
    const exporter = { podSelector: policy.podSelector as object };
    expect(specOf(run, "japaneast-policy-validators").ingress[1].from).toContainEqual(exporter);
  });

  it("joins two regions by nothing but what is global, waits for no validator, and has names that Azure accepts", () => {
    expect(straying(run.resources, regions)).toEqual([]);
    expect(misnamed(run.resources, regions)).toEqual([]);
    expect(waitsFor(run.resources, "japaneast-monitoring-exporter")).not.toContain("japaneast-validator-0-set");
    expect(run.resources.flatMap(({ type, inputs }) => checkName(type, inputs as Properties) ?? [])).toEqual([]);
  });
});

it("without Grafana, receivers or monitoring there is none of it", async () => {
  const bare = await runProgram(stack("enabled: true, grafana: false"));
  expect(bare.outputs.grafana).toBeNull();
  expect(bare.childrenOf("global-monitoring").join()).not.toMatch(/grafana|receivers|suffix/);
  const { rules } = bare.one("global-monitoring-meridian-0").inputs as { rules: { actions?: object }[] };
  expect(rules.every(({ actions }) => actions === undefined)).toBe(true);

  const none = await runProgram(stack(""));
  expect(none.resources.filter(({ name }) => name.includes("monitoring"))).toEqual([]);
  expect(none.one("japaneast-cluster-aks").inputs.azureMonitorProfile).toBeUndefined();
  expect(JSON.stringify(none.one("japaneast-policy-validators").inputs)).not.toContain("exporter");
});

it("with RPC nodes the exporter may look at its gateway's certificate, and at no public one", async () => {
  const inside = await runProgram(stack("enabled: true", rpc));
  const settings = JSON.parse(
    inside.one("japaneast-monitoring-exporter-code").inputs.data["settings.json"] as string,
  ) as ExporterSettings;
  expect(settings.gateways).toEqual({ japaneast: { host: expect.stringMatching(/^10\./), port: 443 } });
  expect(specOf(inside, "japaneast-monitoring-policy").egress).toHaveLength(2);
  const { from } = specOf(inside, "japaneast-rpc-policy").ingress[0] as { from: object[] };
  expect(JSON.stringify(from)).toContain("exporter");
});
