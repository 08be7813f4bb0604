import { readFileSync } from "node:fs";
import { join } from "node:path";

import fc from "fast-check";
import { parse } from "yaml";

import { InvalidConfigurationError, parseFleet, readSettings, settingNames } from "../../../fleet";

const root = join(__dirname, "../../..");
const devFile = parse(readFileSync(join(root, "Pulumi.dev.yaml"), "utf8")) as { config: Record<string, unknown> };
const fleetFile = parse(readFileSync(join(root, "Pulumi.fleet.yaml"), "utf8")) as typeof devFile;
const projectFile = parse(readFileSync(join(root, "Pulumi.yaml"), "utf8")) as {
  config: Record<string, { type: string; description: string; default?: unknown }>;
};
const owner = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
const minimal = {
  regions: ["japaneast", "uksouth", "eastasia", "brazilsouth"].map((name) => ({ name, validators: 1 })),
  contracts: { salt: "s", owner, chains: {} },
};

/** The message with which a configuration is refused. */
function refusal(raw: unknown): string {
  try {
    parseFleet(raw);
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidConfigurationError);
    return (error as Error).message;
  }
  throw new Error("The configuration was accepted.");
}

describe("parseFleet", () => {
  it("takes the services that contracts are published to, and refuses what is no address of one", () => {
    const publishing = (publish: unknown) => ({ ...minimal, contracts: { ...minimal.contracts, publish } });
    const publish = { chain138: { blockscout: "https://explorer.example" }, chain1: { sourcify: "public" } };
    expect(parseFleet(publishing(publish)).contracts.publish).toEqual(publish);
    expect(refusal(publishing({ chain1: { sourcify: "https://a:b@c" } }))).toContain(
      "meridian:contracts.publish.chain1.sourcify",
    );
    expect(refusal(publishing({ chain1: { sourcefy: "public" } }))).toContain("sourcefy");
  });

  it("fills in the defaults, which are production's", () => {
    expect(parseFleet(minimal)).toEqual({
      ...minimal,
      contracts: { ...minimal.contracts, mode: "batches" },
      chain: {
        chainId: 138,
        blockPeriodSeconds: 2,
        requestTimeoutSeconds: 4,
        blockGasLimit: 30_000_000,
        besuImage: "hyperledger/besu:26.8.0",
        parallelExecution: "auto",
      },
      cluster: {
        kubernetesVersion: "1.34",
        tier: "Standard",
        systemVmSize: "Standard_D4s_v5",
        systemNodes: 3,
        validatorVmSize: "Standard_D4s_v5",
        disks: "auto",
        access: "entra",
        login: "azurecli",
        apiServer: "private",
        authorizedRanges: [],
      },
      network: { supernet: "10.0.0.0/8", globalLocation: "westeurope", reserved: [] },
      snapshots: { enabled: true, everyHours: 24, keep: 7, image: "alpine/k8s:1.34.1" },
      rpc: expect.objectContaining({ enabled: false, exposure: "internal", entry: "none" }),
      monitoring: expect.objectContaining({ enabled: false }),
      scope: "fleet",
      phases: "overlap",
      protect: true,
      allowSingleRegionHalt: false,
      tags: {},
      engine: { versionAliases: "drop", stackTraces: "short", debugMessages: "drop" },
      operations: {
        endpoint: "https://management.azure.com",
        validatorUrl: "http://{host}:8545",
        metricsUrl: "http://{host}:9545/metrics",
        clients: [],
      },
    });
  });

  it("accepts Pulumi.dev.yaml: five regions, one validator each, unprotected", () => {
    const fleet = parseFleet(readSettings(devFile.config));

    expect(fleet.regions.map(({ name, validators }) => `${name} ${validators}`)).toEqual([
      "northeurope 1",
      "brazilsouth 1",
      "japaneast 1",
      "southeastasia 1",
      "eastasia 1",
    ]);
    expect(fleet.protect).toBe(false);
    expect(fleet.contracts.chains).toEqual({ chain138: {}, chain1: {} });
  });

  it("accepts Pulumi.fleet.yaml: 24 regions with two validators each, protected", () => {
    const fleet = parseFleet(readSettings(fleetFile.config));

    expect(fleet.regions).toHaveLength(24);
    expect(fleet.regions.map(({ validators }) => validators)).toEqual(Array.from({ length: 24 }, () => 2));
    expect(fleet).toMatchObject({ protect: true, allowSingleRegionHalt: false });
  });

  it("accepts a placement that one region can halt when told so", () => {
    const regions = [{ name: "japaneast", validators: 4 }];

    expect(parseFleet({ ...minimal, regions, allowSingleRegionHalt: true }).regions).toEqual(regions);
  });

  const five = ["northeurope", "brazilsouth", "japaneast", "southeastasia", "eastasia"].map((name) => ({ name }));
  const change = (at: number, region: unknown) => five.map((one, i) => (i === at ? region : one));
  const with_ = (more: object) => ({ ...minimal, ...more });
  const cluster = (more: object) => with_({ cluster: more });
  const contracts = (more: object) => with_({ contracts: { ...minimal.contracts, ...more } });

  it.each<[string, unknown, string]>([
    [
      "an unknown region",
      with_({ regions: change(2, { name: "japaneastt" }) }),
      'meridian:regions[2].name is "japaneastt". It is not an Azure region. Did you mean "japaneast"? ' +
        "Allowed: a name that `az account list-locations` prints.",
    ],
    [
      "a region that resembles none",
      with_({ regions: change(0, { name: "atlantis" }) }),
      'meridian:regions[0].name is "atlantis". It is not an Azure region. ' +
        "Allowed: a name that `az account list-locations` prints.",
    ],
    [
      "three validators",
      with_({ regions: five.slice(0, 3) }),
      "meridian:regions is 3 validators in all. Allowed: 4 or more. " +
        "QBFT tolerates floor((N-1)/3) faults, which is none with fewer than 4 validators.",
    ],
    [
      "no region",
      with_({ regions: [] }),
      "meridian:regions is 0 validators in all. Allowed: 4 or more. " +
        "QBFT tolerates floor((N-1)/3) faults, which is none with fewer than 4 validators.",
    ],
    [
      "a region without which the chain halts",
      with_({ regions: [...five.slice(0, 4), { name: "eastasia", validators: 4 }] }),
      "meridian:regions is 4 of 8 validators in eastasia. The chain halts if that region fails: it needs 6. " +
        "Allowed: at most 2 in one region, or meridian:allowSingleRegionHalt: true.",
    ],
    [
      "a region named twice",
      with_({ regions: [...five, { name: "brazilsouth" }] }),
      'meridian:regions[5].name is "brazilsouth". It is named twice, first in meridian:regions[1]. ' +
        "Allowed: each region once; raise meridian:regions[1].validators instead.",
    ],
    [
      "a number of validators in words",
      with_({ regions: change(4, { name: "eastasia", validators: "one" }) }),
      'meridian:regions[4].validators is "one". Allowed: a whole number from 1 to 100 (validators in this region).',
    ],
    [
      "half a validator",
      with_({ regions: change(4, { name: "eastasia", validators: 0.5 }) }),
      "meridian:regions[4].validators is 0.5. Allowed: a whole number from 1 to 100 (validators in this region).",
    ],
    [
      "a negative number of validators",
      with_({ regions: change(4, { name: "eastasia", validators: -1 }) }),
      "meridian:regions[4].validators is -1. Allowed: a whole number from 1 to 100 (validators in this region).",
    ],
    [
      "a region without name",
      with_({ regions: change(1, { validators: 1 }) }),
      'meridian:regions[1].name is missing. Allowed: an Azure region, such as "japaneast".',
    ],
    [
      "names instead of mappings",
      with_({ regions: change(1, "japaneast") }),
      'meridian:regions[1] is "japaneast". Allowed: a mapping with name, validators, rpc.',
    ],
    [
      "text instead of a list",
      with_({ regions: "japaneast" }),
      'meridian:regions is "japaneast". Allowed: a list such as [{ name: japaneast, validators: 2 }].',
    ],
    ["regions missing", { contracts: minimal.contracts }, "meridian:regions is missing. Allowed: a list such as"],
    ["contracts missing", { regions: minimal.regions }, "meridian:contracts is missing. Allowed: a mapping with salt,"],
    ["protect in words", with_({ protect: "no" }), 'meridian:protect is "no". Allowed: true or false, without quotes.'],
    [
      "a misspelt key",
      with_({ regoins: [] }),
      'meridian:regoins is []. There is no such setting. Did you mean "regions"? Allowed: regions, chain, contracts,',
    ],
    [
      "a misspelt setting",
      with_({ chain: { blockPeriod: 5 } }),
      "meridian:chain.blockPeriod is 5. There is no such setting. Allowed: chainId, blockPeriodSeconds,",
    ],
    [
      "a near setting",
      cluster({ systemNode: 5 }),
      'meridian:cluster.systemNode is 5. There is no such setting. Did you mean "systemNodes"? Allowed: ',
    ],
    [
      "a request timeout within the block period",
      with_({ chain: { blockPeriodSeconds: 5, requestTimeoutSeconds: 5 } }),
      "meridian:chain.requestTimeoutSeconds is 5. Allowed: more than the block period, " +
        "meridian:chain.blockPeriodSeconds (5); otherwise a healthy chain changes rounds.",
    ],
    [
      "another chain id beside chain 138's contracts",
      { ...contracts({ chains: { chain138: {} } }), chain: { chainId: 139 } },
      "meridian:chain.chainId is 139. Allowed: 138 as long as meridian:contracts.chains has chain138.",
    ],
    [
      "a YAML number for a version",
      cluster({ kubernetesVersion: 1.34 }),
      'meridian:cluster.kubernetesVersion is 1.34. Allowed: text, a Kubernetes version, such as "1.34"; in quotes.',
    ],
    [
      "an API server for ranges without any",
      cluster({ apiServer: "ranges" }),
      "meridian:cluster.authorizedRanges is []. Allowed: one range or more.",
    ],
    [
      "ranges for a private API server",
      cluster({ authorizedRanges: ["192.0.2.0/24"] }),
      'meridian:cluster.authorizedRanges is ["192.0.2.0/24"]. Allowed: none unless meridian:cluster.apiServer is "ranges".',
    ],
    [
      "hours between snapshots that no day is made of",
      with_({ snapshots: { everyHours: 5 } }),
      "meridian:snapshots.everyHours is 5. Allowed: 1, 2, 3, 4, 6, 8, 12 or 24 (hours between snapshots).",
    ],
    [
      "no snapshot that stays",
      with_({ snapshots: { keep: 0 } }),
      "meridian:snapshots.keep is 0. Allowed: a whole number from 1 to 400 (ready snapshots of each disk).",
    ],
    ["an unknown tier", cluster({ tier: "Gold" }), 'meridian:cluster.tier is "Gold". Allowed: "Standard" or "Free".'],
    [
      "an address that YAML read as a number",
      contracts({ owner: 0xf39f }),
      "meridian:contracts.owner is 62367. Allowed: text, an address: 0x and 40 hex digits; in quotes.",
    ],
    [
      "a key that is in no vault",
      contracts({ keyVaultKey: "https://contoso.example/keys/deployer" }),
      'meridian:contracts.keyVaultKey is "https://contoso.example/keys/deployer". Allowed: text, https://NAME.vault',
    ],
    [
      "a bound of fees that allows none",
      contracts({ chains: { chain1: { maxFeeGwei: 0 } } }),
      "meridian:contracts.chains.chain1.maxFeeGwei is 0. Allowed: a number above 0",
    ],
    [
      "half a confirmation",
      contracts({ chains: { chain1: { confirmations: 1.5 } } }),
      "meridian:contracts.chains.chain1.confirmations is 1.5. Allowed: a whole number from 1 to 1000",
    ],
    [
      "a URL with a password",
      contracts({ chains: { chain1: { rpcUrl: "https://me:secret@rpc.example" } } }),
      "meridian:contracts.chains.chain1.rpcUrl is text that is not shown. Allowed: text, an http(s) URL without user",
    ],
    [
      "more confirmations than signers",
      contracts({ signers: [owner, owner.replace("f", "e")], threshold: 3 }),
      "meridian:contracts.threshold is 3. Allowed: at most 2, the number of signers.",
    ],
    [
      "a chain that the suite does not know",
      contracts({ chains: { chain137: {} } }),
      'meridian:contracts.chains.chain137 is {}. There is no such setting. Did you mean "chain138"? Allowed: chain138,',
    ],
    [
      "a supernet that is too small",
      with_({ network: { supernet: "10.0.0.0/24" } }),
      'meridian:network.supernet is "10.0.0.0/24". Supernet "10.0.0.0/24" cannot be divided. Give an IPv4 network',
    ],
    ["a number as a tag", with_({ tags: { cost: 5 } }), "meridian:tags.cost is 5. Allowed: text, the tag's value"],
    ["nothing at all", undefined, "The configuration is missing. Allowed: a mapping of meridian: keys."],
    ["a list", [], "The configuration is []. Allowed: a mapping with regions, chain,"],
  ])("refuses %s in one message with key, value and what is allowed", (_, raw, message) => {
    const given = refusal(raw);

    expect(given.slice(0, message.length)).toBe(message);
    expect(given.split("\n")).toHaveLength(1);
  });

  it("never throws anything but its own error, whatever it is given", () => {
    const region = fc.record({ name: fc.oneof(fc.anything(), fc.constant("japaneast")), validators: fc.anything() });
    const almost = fc.record(Object.fromEntries(settingNames.map((name) => [name, fc.anything()])), {
      requiredKeys: [],
    });
    const nearer = fc.record({
      regions: fc.array(region),
      contracts: fc.oneof(fc.anything(), fc.constant(minimal.contracts)),
    });
    fc.assert(
      fc.property(fc.oneof(fc.anything(), almost, nearer), (raw) => {
        try {
          parseFleet(raw);
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidConfigurationError);
          expect((error as Error).message).toMatch(/^(meridian:|The configuration ).* Allowed: /s);
          expect((error as Error).message.length).toBeLessThan(600);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe("readSettings", () => {
  it("reads values as the engine hands them over and as a stack file holds them, whoever wrote it", () => {
    const wanted = { regions: [{ name: "japaneast" }], protect: false, salt: "s" };

    expect(
      readSettings({ "meridian:regions": '[{"name":"japaneast"}]', "meridian:protect": "false", "meridian:salt": "s" }),
    ).toEqual(wanted);
    expect(
      readSettings({ "meridian:regions": [{ name: "japaneast" }], "meridian:protect": false, "meridian:salt": "s" }),
    ).toEqual(wanted);
  });

  it("leaves other namespaces to their owners", () => {
    expect(readSettings({ "azure-native:location": "japaneast", "meridianx:a": "b" })).toEqual({});
  });
});

describe("Pulumi.yaml", () => {
  it("declares every key that the program reads, and no other, each with a type and a description", () => {
    expect(Object.keys(projectFile.config).sort()).toEqual([...settingNames].sort());
    for (const { type, description } of Object.values(projectFile.config)) {
      expect([type, description.length > 20]).toEqual([expect.stringMatching(/^(array|object|boolean|string)$/), true]);
    }
  });

  it("has the defaults of the program", () => {
    const defaults = Object.entries(projectFile.config).flatMap(([key, { default: value }]) =>
      value === undefined ? [] : [[key, value] as const],
    );

    expect(parseFleet({ ...minimal, ...Object.fromEntries(defaults) })).toEqual(parseFleet(minimal));
  });
});

describe("docs/configuration.md", () => {
  const page = readFileSync(join(root, "docs/configuration.md"), "utf8");

  it("has a row for every setting, with its default where that is a plain value", () => {
    const fleet = parseFleet(minimal);
    const sections = ["chain", "cluster", "network", "engine", "rpc", "operations", "snapshots"] as const;
    const rows = sections.flatMap((section) =>
      Object.entries(fleet[section]).map(([key, value]) => ({
        key: `${section}.${key}`,
        value: Array.isArray(value) ? JSON.stringify(value) : String(value),
      })),
    );

    expect(rows.map(({ key }) => key).filter((key) => !page.includes(`| \`${key}\` `))).toEqual([]);
    const computed = ["chain.requestTimeoutSeconds", "rpc.methods"];
    const undocumented = rows.filter(({ key, value }) => {
      const row = page.split("\n").find((line) => line.startsWith(`| \`${key}\` `)) ?? "";
      return !computed.includes(key) && !row.replaceAll(",", "").includes(value);
    });
    expect(undocumented).toEqual([]);
  });

  it.each(settingNames)("has a row for %s", (name) => {
    expect(page).toMatch(new RegExp(`^\\| \`${name}[.\`]`, "m"));
  });
});
