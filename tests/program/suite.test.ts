import { readFileSync } from "node:fs";
import { join } from "node:path";

import { parse, stringify } from "yaml";

import { type ProgramRun, type Registered, runProgram } from "./program";

const dev = parse(readFileSync(join(__dirname, "../../Pulumi.dev.yaml"), "utf8")) as {
  config: Record<string, Record<string, unknown>>;
};
const withContracts = (contracts: Record<string, unknown>): string =>
  stringify({ config: { ...dev.config, "meridian:contracts": { ...dev.config["meridian:contracts"], ...contracts } } });
const suite = "examples/registry/suite.yaml";
const signers = ["0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"];

const needsOf = (run: ProgramRun, name: string): string[] =>
  run
    .one(name)
    .dependencies.map((urn) => urn.split("::").at(-1) ?? "")
    .sort();

describe("a suite of one's own in the configuration", () => {
  it("becomes commands of its chains: batches, calls after what they need, verification after the calls", async () => {
    const run = await runProgram(withContracts({ suite, signers, chains: { anvil: {}, mainnet: {} } }), "dev");
    const names = run.resources
      .filter(({ name, type }) => type === "command:local:Command" && name.startsWith("anvil-"))
      .map(({ name }) => name);
    expect(names.sort()).toEqual(
      [
        ...["multicall3", "shares", "treasury-v1", "treasury", "registry"].flatMap((slug) => [slug, `${slug}-verify`]),
        ...["register-treasury", "hand-over"],
      ]
        .map((slug) => `anvil-${slug}`)
        .sort(),
    );
    expect(needsOf(run, "anvil-shares")).toEqual([]);
    expect(needsOf(run, "anvil-treasury")).toEqual(["anvil-registry", "anvil-treasury-v1"]);
    expect(needsOf(run, "anvil-register-treasury")).toEqual(["anvil-registry", "anvil-treasury"]);
    expect(needsOf(run, "anvil-hand-over")).toEqual(["anvil-register-treasury", "anvil-registry", "anvil-treasury"]);
    expect(needsOf(run, "anvil-registry-verify")).toEqual([
      "anvil-hand-over",
      "anvil-register-treasury",
      "anvil-registry",
    ]);
    expect(run.one("anvil-hand-over").inputs.create).toMatch(
      /^node contracts\/bin\/perform.mjs --suite examples\/registry\/suite.yaml --chain anvil --call hand-over --salt 0x\w{64} --owner 0x\w{40} --signers 0x\w{40} --digest 0x\w{64}$/,
    );
    // What is adopted has no verification of its own.
    expect(run.one("mainnet-multicall3").inputs.create).toContain("--contract Multicall3");
    expect(run.resources.some(({ name }) => name === "mainnet-multicall3-verify")).toBe(false);
    expect(Object.keys(run.outputs.calls.anvil as object)).toEqual(["anvil-register-treasury", "anvil-hand-over"]);
    expect(run.outputs.contracts.mainnet["mainnet-multicall3"]).toMatchObject({ verdict: "adopted" });
  });

  const mistakes: [string, Record<string, unknown>, string][] = [
    ["a file that is not there", { suite: "no/such.yaml", chains: {} }, "The suite no/such.yaml cannot be read"],
    [
      "a chain that the suite has not",
      { suite, signers, chains: { chain138: {} } },
      'A chain of meridian:contracts.chains is "chain138", which is no chain of the suite. Give one of anvil, mainnet.',
    ],
    [
      "a mistake in the suite",
      { suite: "tests/fixtures/suites/wrong.yaml", chains: { anvil: {} } },
      'tests/fixtures/suites/wrong.yaml: contracts[0] (Token).arguments[0].ref is "Tokn". The suite has no such contract. Did you mean "Token"?',
    ],
  ];
  it.each(mistakes)("%s is told before anything is made", async (_, contracts, message) => {
    const made: Registered[] = [];
    await expect(runProgram(withContracts(contracts), "dev", made)).rejects.toThrow(message);
    expect(made.filter(({ type }) => type !== "pulumi:pulumi:Stack")).toEqual([]);
  });
});

describe("mode dataflow", () => {
  const parallelism = process.env.PULUMI_NODEJS_PARALLEL;
  afterEach(() => {
    if (parallelism === undefined) delete process.env.PULUMI_NODEJS_PARALLEL;
    else process.env.PULUMI_NODEJS_PARALLEL = parallelism;
  });
  const warnings = async (mode: string, parallel: string): Promise<string[]> => {
    process.env.PULUMI_NODEJS_PARALLEL = parallel;
    const { logs } = await runProgram(withContracts({ mode, chains: { chain138: {} } }), "dev");
    return logs.filter((line) => line.includes("--parallel"));
  };

  it("warns of an engine that starts fewer deployments at a time than the suite has", async () => {
    expect(await warnings("dataflow", "4")).toEqual([
      "warn: chain138: --parallel is 4, and mode dataflow could send 9 contracts at once. Fewer cost blocks: give --parallel 9 or more.",
    ]);
    expect(await warnings("dataflow", "9")).toEqual([]);
    expect(await warnings("batches", "4")).toEqual([]);
  });
});
