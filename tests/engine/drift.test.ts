import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { parse, stringify } from "yaml";

import type { EngineCommand, Rehearsal } from "../../rehearsal/rehearsal";
import { projectRoot } from "../../toolchain/paths";
import { deployerKey, rpc, startChain1 } from "../chain/support/chains";
import { closeRehearsals, openRehearsal } from "./support/engine";

jest.setTimeout(300_000);
afterEach(closeRehearsals);

/** What the engine would do, or did, to chain 1's resources. */
const changesOf = async (rehearsal: Rehearsal, command: EngineCommand) => {
  const result = await rehearsal.run(command, { parallel: 16, targets: ["**::chain1-*"], checkpoints: false });
  expect(result.diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  return { replaced: result.changes.replace ?? 0, output: result.output };
};

test("contracts that vanished from their chain show in the next preview; a chain that does not answer shows nothing", async () => {
  const folder = mkdtempSync(join(tmpdir(), "meridian-drift-"));
  const chain = await startChain1();
  try {
    const settings = parse(readFileSync(join(projectRoot, "Pulumi.dev.yaml"), "utf8")) as {
      config: Record<string, Record<string, unknown>>;
    };
    settings.config["meridian:contracts"]!.chains = { chain1: {} };
    const configuration = join(folder, "stack.yaml");
    writeFileSync(configuration, stringify(settings));
    const environment = {
      MERIDIAN_CHAIN1_RPC_URL: chain.rpcUrl,
      MERIDIAN_DEPLOYER_KEY: deployerKey,
      MERIDIAN_JOURNAL_DIR: join(folder, "journal"),
    };
    const rehearsal = await openRehearsal({ program: projectRoot, stack: "dev", configuration, environment });
    const snapshot = await rpc(chain, "evm_snapshot");

    const first = await changesOf(rehearsal, "up");
    expect(first.output).toMatch(/chain1 at block 0: 7 of 7 contracts to deploy, [\d,]+ gas, 0\.\d+ ETH at/);
    const settled = await changesOf(rehearsal, "preview");
    expect(settled.replaced).toBe(0);
    expect(settled.output).toMatch(/chain1 at block \d+: 0 of 7 contracts to deploy/);

    await rpc(chain, "evm_revert", snapshot);
    await rpc(chain, "evm_mine");
    // Each contract, and its verification.
    const lost = await changesOf(rehearsal, "preview");
    expect(lost.replaced).toBe(14);
    expect(lost.output).toMatch(/chain1 at block 1: 7 of 7 contracts to deploy/);

    await chain.close();
    const unknown = await changesOf(rehearsal, "preview");
    expect(unknown.replaced).toBe(0);
    expect(unknown.output).toContain(
      "chain1: 7 contracts; what is there, gas and cost are unknown (no connection: ECONNREFUSED)",
    );
  } finally {
    await chain.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
