import { execFile, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { projectRoot } from "../../toolchain/paths";
import { startChain138, withChain } from "./support/chains";

jest.setTimeout(180_000);

const contracts = join(projectRoot, "contracts");

/** The binary itself: the npm package's wrapper ends with 0 when a test fails. */
function forgeBinary(): string {
  const architecture = process.arch === "x64" ? "amd64" : process.arch;
  const manifest = require.resolve(`@foundry-rs/forge-${process.platform}-${architecture}/package.json`);
  return join(dirname(manifest), "bin", "forge");
}

function forge(...args: string[]): { status: number | null; output: string } {
  const run = spawnSync(forgeBinary(), args, { cwd: contracts, encoding: "utf8" });
  if (run.error !== undefined) throw run.error;
  return { status: run.status, output: run.stdout + run.stderr };
}

test("every Solidity test passes", () => {
  const { status, output } = forge("test", "--threads", "0");
  expect(output).toMatch(/(\d+) tests passed, 0 failed, 0 skipped/);
  expect(Number(/(\d+) tests passed/.exec(output)?.[1])).toBeGreaterThanOrEqual(68);
  expect(status).toBe(0);
});

test("the Solidity tests run on a fork of a running chain: forge test --fork-url", () =>
  withChain(startChain138({ blockTimeSeconds: 1 }), async ({ rpcUrl }) => {
    // Not spawnSync: this process must go on reading what anvil says.
    const args = ["test", "--fork-url", rpcUrl, "--match-contract", "WETH9"];
    const { stdout } = await promisify(execFile)(forgeBinary(), args, { cwd: contracts });
    expect(stdout).toMatch(/10 tests passed, 0 failed, 0 skipped/);
  }));

test("a contract with a mistake is caught: a WETH9 that does not look at the balance", () => {
  const folder = mkdtempSync(join(tmpdir(), "meridian-forge-"));
  try {
    for (const [from, name] of [
      ["src", "WETH9.sol"],
      ["test", "WETH9.t.sol"],
      ["test", "Test.sol"],
    ] as const) {
      const source = readFileSync(join(contracts, from, name), "utf8");
      mkdirSync(join(folder, from), { recursive: true });
      writeFileSync(join(folder, from, name), source.replace("if (balance < wad) revert", "if (false) revert"));
    }
    const flags = ["--root", folder, "--offline", "--use", join(contracts, "solc.mjs")];
    const { status, output } = forge("test", ...flags);
    expect(output).toContain("[FAIL");
    expect(output).toContain("test_refusesToMoveMoreThanTheBalance");
    expect(status).not.toBe(0);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("the Solidity sources are formatted as forge does", () => {
  expect(forge("fmt", "--check")).toMatchObject({ status: 0 });
});
