import type * as Component from "../../../components/contracts";
import type { ContractsArgs } from "../../../components/contracts";
import { compileContracts } from "../../../contracts/compile";
import { runWithMocks, type ProgramRun, type Registered } from "../../program/program";

jest.setTimeout(60_000);
beforeAll(() => void compileContracts(() => undefined), 120_000);

const owner = "0x000000000000000000000000000000000000c0de";
const args: ContractsArgs = { chain: "chain138", salt: "salt", owner };

/** Creates the contracts of a chain, as a program of their own. */
const create = (given: ContractsArgs): Promise<ProgramRun> =>
  runWithMocks({}, () => {
    const { Contracts } = jest.requireActual<typeof Component>("../../../components/contracts");
    return { contracts: new Contracts(`${given.chain}-contracts`, given).contracts };
  });

const commands = (run: ProgramRun): Registered[] =>
  run.resources.filter(({ type }) => type === "command:local:Command");
let chain138: ProgramRun;
beforeAll(async () => {
  chain138 = await create(args);
}, 60_000);

/** Logical names of what a command waits for, its component left out. */
const waitsFor = (run: ProgramRun, name: string): string[] =>
  run
    .one(name)
    .dependencies.map((urn) => urn.slice(urn.lastIndexOf("::") + 2))
    .sort();

const firstBatch = ["multicall3", "weth9", "weth10", "oracle-aggregator", "multisig"];
const secondBatch = ["ccip-router", "oracle-proxy"];
const on138 = (slugs: string[]): string[] => slugs.map((slug) => `chain138-${slug}`).sort();

test("makes a command and a verification for each contract, and one that waits for chain 138", () => {
  const run = chain138;
  const names = on138([...firstBatch, ...secondBatch, "ccip-weth9-bridge", "ccip-weth10-bridge"]);
  const expected = [...names.flatMap((name) => [name, `${name}-verify`]), "chain138-ready"].sort();
  expect(
    commands(run)
      .map(({ name }) => name)
      .sort(),
  ).toEqual(expected);
});

test("chain 1 has seven contracts and waits for nothing", async () => {
  const run = await create({ ...args, chain: "chain1" });
  expect(commands(run)).toHaveLength(14);
  expect(run.resources.filter(({ name }) => !name.startsWith("chain1-")).map(({ type }) => type)).toEqual([
    "pulumi:pulumi:Stack",
  ]);
  expect(waitsFor(run, "chain1-weth9")).toEqual([]);
});

test("the batches follow each other, and each verification its contract", () => {
  const run = chain138;
  expect(waitsFor(run, "chain138-ready")).toEqual([]);
  for (const name of on138(firstBatch)) expect(waitsFor(run, name)).toEqual(["chain138-ready"]);
  for (const name of on138(secondBatch)) expect(waitsFor(run, name)).toEqual(on138(firstBatch));
  expect(waitsFor(run, "chain138-ccip-weth9-bridge")).toEqual(on138(secondBatch));
  expect(waitsFor(run, "chain138-weth9-verify")).toEqual(["chain138-weth9"]);
});

test("the commands are the same on every machine and hold nothing secret", () => {
  const run = chain138;
  const { address } = (run.outputs.contracts as Record<string, { address: string }>)["chain138-weth9"]!;
  const options = `--chain chain138 --contract WETH9 --salt 0x[0-9a-f]{64} --owner ${owner} --address ${address}`;
  expect(run.one("chain138-weth9").inputs.create).toMatch(new RegExp(`^node contracts/bin/deploy.mjs ${options}$`));
  expect(run.one("chain138-weth9-verify").inputs.create).toMatch(
    new RegExp(`^node contracts/bin/verify.mjs ${options}$`),
  );
  expect(run.one("chain138-ready").inputs.create).toBe("node contracts/bin/wait.mjs --chain chain138");
  for (const { inputs } of commands(run)) expect(inputs.environment).toBeUndefined();
});

test("signers and threshold reach the command line when they are given", async () => {
  const run = await create({ ...args, signers: [owner], threshold: 1 });
  expect(run.one("chain138-multisig").inputs.create).toContain(` --signers ${owner} --threshold 1 `);
});

test("a changed source deploys anew: the triggers are init code and address", () => {
  const run = chain138;
  const { address } = (run.outputs.contracts as Record<string, { address: string }>)["chain138-weth9"]!;
  expect(run.one("chain138-weth9").inputs.triggers).toEqual([expect.stringMatching(/^0x[0-9a-f]{64}$/), address]);
});

test("an explicit RPC address reaches every command by the environment", async () => {
  const run = await create({ ...args, rpcUrl: "http://10.0.0.1:8545" });
  for (const { inputs } of commands(run)) {
    expect(inputs.environment).toEqual({ MERIDIAN_CHAIN138_RPC_URL: "http://10.0.0.1:8545" });
  }
});

test("shows address, transaction and verdict of each contract", () => {
  const { contracts } = chain138.outputs as { contracts: Record<string, unknown> };
  expect(contracts["chain138-weth9"]).toEqual({
    address: expect.stringMatching(/^0x[0-9a-fA-F]{40}$/) as string,
    transaction: expect.stringMatching(/^0x/) as string,
    adopted: false,
    verdict: "perfect",
  });
});

test("an owner that is no address is refused before anything is made", async () => {
  const made: Registered[] = [];
  const building = runWithMocks(
    {},
    () => {
      const { Contracts } = jest.requireActual<typeof Component>("../../../components/contracts");
      return { contracts: new Contracts("chain138-contracts", { ...args, owner: "me" }).contracts };
    },
    "test",
    made,
  );
  await expect(building).rejects.toThrow('--owner is "me", which is no address.');
  expect(made.filter(({ type }) => type === "command:local:Command")).toEqual([]);
});

test("fees, depth and the vault's key go to the programs; what is not said is left out", async () => {
  const keyVaultKey = "https://contoso.vault.azure.net/keys/deployer";
  const run = await create({ ...args, chain: "chain1", keyVaultKey, maxFeeGwei: 80, confirmations: 12 });
  const { create: line, environment } = run.one("chain1-weth9").inputs as { create: string; environment: object };
  expect(line).toContain(" --max-fee-gwei 80 --confirmations 12");
  expect(line).not.toContain("priority");
  expect(line).not.toContain("vault");
  expect(environment).toEqual({ MERIDIAN_DEPLOYER_KEY_VAULT_KEY: keyVaultKey });
  expect(chain138.one("chain138-weth9").inputs.environment).toBeUndefined();
});
