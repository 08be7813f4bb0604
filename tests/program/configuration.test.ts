import { type Registered, runProgram } from "./program";

const stack = (more: string) => `
config:
  meridian:regions:
    - { name: westindia, validators: 3 }
    - { name: japaneast, validators: 2 }
  meridian:allowSingleRegionHalt: true
  meridian:contracts:
    salt: test
    owner: "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
    chains: {}
${more}`;

const keys = ["westindia-0", "westindia-1", "westindia-2", "japaneast-0", "japaneast-1"];

describe("the program, configured as in production", () => {
  it("protects keys, the genesis record, vaults, resource groups and clusters, and nothing else", async () => {
    const { resources } = await runProgram(stack(""));

    expect(
      resources
        .filter(({ protect }) => protect)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(
      [
        ...keys.map((validator) => `global-key-${validator}`),
        "global-genesis",
        "global-mesh-resources",
        ...["japaneast", "westindia"].flatMap((region) => [
          `${region}-cluster-aks`,
          `${region}-group`,
          `${region}-keys-vault`,
        ]),
        ...keys.map((validator) => `${validator.replace("-", "-validator-")}-key-secret`),
      ].sort(),
    );
  });

  it("uses zones where a region has them, and makes a node for every validator", async () => {
    const run = await runProgram(stack(""));
    const pools = ["westindia", "japaneast"].map((region) => run.one(`${region}-cluster-validators`).inputs);

    expect(pools.map(({ availabilityZones, count }) => ({ availabilityZones, count }))).toEqual([
      { availabilityZones: undefined, count: 3 },
      { availabilityZones: ["1", "2", "3"], count: 2 },
    ]);
  });

  it("gives validators Premium SSD v2 where zones have it, Premium SSD elsewhere, and keeps their disks", async () => {
    const run = await runProgram(stack(""));
    const classes = ["westindia", "japaneast"].map((region) => run.one(`${region}-storage`).inputs);

    expect(classes.map(({ parameters, reclaimPolicy }) => `${parameters.skuName} ${reclaimPolicy}`)).toEqual([
      "Premium_LRS Retain",
      "PremiumV2_LRS Retain",
    ]);
  });

  it("gives every validator of a region an address of its own", async () => {
    const { outputs } = await runProgram(stack(""));

    const validators = outputs.validators as { name: string; host: string }[];
    expect(validators.map(({ name, host }) => `${name} ${host}`)).toEqual([
      "westindia-validator-0 10.56.0.10",
      "westindia-validator-1 10.56.0.11",
      "westindia-validator-2 10.56.0.12",
      "japaneast-validator-0 10.25.0.10",
      "japaneast-validator-1 10.25.0.11",
    ]);
  });

  it("keeps azure-native's version aliases when told to, and whole stack traces too", async () => {
    const limit = Error.stackTraceLimit;
    const run = await runProgram(stack("  meridian:engine: { versionAliases: keep, stackTraces: full }"));

    expect(run.one("japaneast-network-vnet").aliases.length).toBeGreaterThan(25);
    expect(Error.stackTraceLimit).toBe(limit);
  });
});

describe("the program, configured wrongly", () => {
  it.each<[string, string, string, string]>([
    ["an unknown region", "test", "  meridian:regions: [{ name: japaneastt }]", 'Did you mean "japaneast"?'],
    ["three validators", "test", "  meridian:regions: [{ name: japaneast, validators: 3 }]", "is 3 validators in all"],
    ["a misspelt key", "test", "  meridian:regoins: []", 'Did you mean "regions"?'],
    ["a stack's name too long for Azure", "s".repeat(70), "", "Shorten the stack's name by"],
  ])(
    "refuses %s with a message that prints no stack trace, before anything is registered",
    async (_, name, more, said) => {
      const registered: Registered[] = [];
      const yaml = more.includes("meridian:regions:")
        ? stack("").replace(/ {2}meridian:regions:\n( {4}.*\n)+/, `${more}\n`)
        : stack(more);

      const error: unknown = await runProgram(yaml, name, registered).catch((thrown: unknown) => thrown);

      expect((error as Error).message).toContain(said);
      // How the SDK knows an error that it prints by its message alone.
      expect(error).toMatchObject({ __pulumiRunError: true });
      expect(registered.map(({ type }) => type)).toEqual(["pulumi:pulumi:Stack"]);
    },
  );
});
