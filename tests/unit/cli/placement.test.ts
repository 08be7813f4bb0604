import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { PlacementReport } from "../../../cli/placement-text";
import { readRegionList } from "../../../cli/config-regions";
import { runCommand } from "../../support/command";

const folder = mkdtempSync(join(tmpdir(), "meridian-placement-"));
afterAll(() => rmSync(folder, { recursive: true }));
writeFileSync(
  join(folder, "Pulumi.small.yaml"),
  `config:
  meridian:regions:
    - { name: uksouth, validators: 2 }
    - { name: japaneast, validators: 1 }
    - { name: brazilsouth, validators: 1 }
    - { name: southafricanorth, validators: 1 }
  meridian:allowSingleRegionHalt: true
  meridian:contracts: { salt: a, owner: "0x00000000000000000000000000000000000000a1", chains: {} }
`,
);
const placement = (...argv: string[]) => runCommand("placement", "--dir", folder, "--stack", "small", ...argv);
const report = async (...argv: string[]) => JSON.parse((await placement(...argv, "--json")).out) as PlacementReport;

it("says that nothing moves where the stack already keeps every constraint", async () => {
  const { exitCode, out } = await placement("--validators", "5");

  expect(exitCode).toBe(0);
  expect(out).toMatch(/^uksouth +2 +1, 2$/m);
  expect(out).toContain("Quorum: 4 of 5 validators in 4 regions");
  expect(out).toContain("Commit time (network only, P95): ");
  expect(out).toContain("Stack small is placed so already.");
});

it("names the fewest validators that come and go, and the regions in the stack's order", async () => {
  const { regions, moves } = await report("--validators", "5", "--with", "australiaeast", "--without", "japaneast");

  expect(regions.map(({ name, validators, now }) => [name, validators, now])).toEqual([
    ["uksouth", 2, 2],
    ["japaneast", 0, 1],
    ["brazilsouth", 1, 1],
    ["southafricanorth", 1, 1],
    ["australiaeast", 1, 0],
  ]);
  expect(moves.map(({ action, region, ordinal }) => `${action} ${region} ${ordinal}`).sort()).toEqual([
    "add australiaeast 0",
    "remove japaneast 0",
  ]);
});

it("spreads all of them anew when asked", async () => {
  const { regions } = await report("--validators", "4", "--anew");

  expect(regions.map(({ validators }) => validators)).toEqual([1, 1, 1, 1]);
});

it("keeps a geography's cap and the most in a region", async () => {
  const { regions } = await report("--validators", "4", "--max-per-region", "3", "--geography-cap", "United Kingdom=0");

  expect(regions.find(({ name }) => name === "uksouth")?.validators).toBe(0);
  expect(regions.reduce((sum, { validators }) => sum + validators, 0)).toBe(4);
});

it("prints a list that config generate reads", async () => {
  const { out } = await placement("--validators", "6", "--list");

  const [regions] = readRegionList(out, "fleet.txt").given;
  expect(regions?.value).toEqual([
    { name: "uksouth", validators: 2 },
    { name: "japaneast", validators: 1 },
    { name: "brazilsouth", validators: expect.any(Number) },
    { name: "southafricanorth", validators: expect.any(Number) },
  ]);
});

it.each([
  [["--validators", "9"], "4 regions hold 8 of 9 validators"],
  [["--validators", "3"], "--validators <n>"],
  [["--validators", "5", "--with", "uksoth"], 'Did you mean "uksouth"?'],
  [["--validators", "5", "--without", "eastasia"], "--without names eastasia, which stack small does not use."],
  [["--validators", "5", "--geography-cap", "Europe"], "--geography-cap <name=n>"],
  [["--validators", "5", "--geography-cap", "Brasil=1"], 'Did you mean "Brazil"?'],
  [["--validators", "5", "--latency-target", "10"], "the target is 10 ms"],
  [["--validators", "5", "--stack", "none"], "There is no "],
  [[], "--validators"],
])("ends with 2 and one error for %j", async (argv, message) => {
  const { exitCode, out, err } = await placement(...argv);

  expect({ exitCode, out }).toEqual({ exitCode: 2, out: "" });
  expect(err).toContain(message);
});
