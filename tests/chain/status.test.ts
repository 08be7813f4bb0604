import { existsSync } from "node:fs";
import { join } from "node:path";
import { compileContracts } from "../../contracts/compile";
import type { ContractStatus } from "../../contracts/status/explain";
import { stackContracts } from "../../contracts/status/stack-settings";
import type { Chain } from "../../rehearsal/chains";
import { genesis138, rpc, startChain1, startChain138, withChain, withFolder } from "./support/chains";
import { deployOne, runMeridian } from "./support/programs";

jest.setTimeout(120_000);
beforeAll(() => void compileContracts(() => undefined), 60_000);

const dev = stackContracts("dev");
const configured = { salt: dev.salt, owner: dev.settings.owner };

const within138 = (work: (chain: Chain, journal: string) => Promise<void>): Promise<void> =>
  withFolder((journal) => withChain(startChain138(), (chain) => work(chain, journal)));

/** Runs `meridian contracts status` for the dev stack. */
async function status(chain: Chain, journal: string) {
  const args = ["contracts", "status", "--stack", "dev", "--chain", "chain138", "--journal", journal, "--json"];
  const run = await runMeridian(args, { MERIDIAN_CHAIN138_RPC_URL: chain.rpcUrl });
  const all = run.stdout === "" ? [] : (JSON.parse(run.stdout) as ContractStatus[]);
  return { ...run, all, of: (name: string) => all.find((each) => each.name === name)?.state };
}

test("tells deployed from missing, and what another configuration left", () =>
  within138(async (chain, journal) => {
    const before = await status(chain, journal);
    expect(before.code).toBe(1);
    expect(before.all.map(({ state }) => state)).toEqual(Array(9).fill("missing"));
    expect(existsSync(join(journal, "chain138.jsonl"))).toBe(false);

    await deployOne("WETH9", { chain, journal, ...configured });
    await deployOne("WETH10", { chain, journal, ...configured, salt: "other" });
    const after = await status(chain, journal);
    expect(after.of("chain138-weth9")).toBe("deployed");
    expect(after.all.filter(({ name }) => name === "chain138-weth10").map(({ state }) => state)).toEqual([
      "missing",
      "left over",
    ]);
  }));

test("tells a signed transaction that was never sent, and one whose contract is gone", () =>
  within138(async (chain, journal) => {
    const beginning = await rpc(chain, "evm_snapshot");
    await deployOne("WETH9", { chain, journal, ...configured });
    await deployOne("WETH10", { chain, journal, ...configured, killAt: "after-journal" });
    expect((await status(chain, journal)).of("chain138-weth10")).toBe("pending");
    await rpc(chain, "evm_revert", beginning);
    expect((await status(chain, journal)).of("chain138-weth9")).toBe("vanished");
  }));

test("tells a contract that the journal does not know, and foreign code", () =>
  within138(async (chain, journal) => {
    const { result } = await deployOne("WETH9", { chain, journal, ...configured });
    await withFolder(async (empty) => {
      expect((await status(chain, empty)).of("chain138-weth9")).toBe("adopted");
      await rpc(chain, "anvil_setCode", result.address, "0x6001");
      expect((await status(chain, empty)).of("chain138-weth9")).toBe("foreign");
    });
  }));

test("a chain begun anew, and a node of another chain, are refused with exit code 1", () =>
  withFolder(async (journal) => {
    await withChain(startChain138(), (chain) => deployOne("WETH9", { chain, journal, ...configured }));
    await withChain(startChain138({ genesis: { ...genesis138, gasLimit: "0x1c9c381" } }), async (chain) => {
      const run = await status(chain, journal);
      expect(run).toMatchObject({ code: 1, stdout: "" });
      expect(run.stderr).toContain("begun anew");
    });
    await withChain(startChain1(), async (chain) => {
      expect((await status(chain, journal)).stderr).toContain("answers with chain id 1 instead of 138");
    });
  }));

test("the journal is printed for people and as JSON; without one it is exit code 2", () =>
  within138(async (chain, journal) => {
    const show = (...more: string[]) => runMeridian(["contracts", "journal", "--journal", journal, ...more]);
    expect(await show()).toMatchObject({ code: 2, stdout: "" });
    expect(await show("--chain", "nosuch")).toMatchObject({ code: 2, stdout: "" });
    const { result } = await deployOne("WETH9", { chain, journal, ...configured });
    const { code, stdout } = await show();
    expect(code).toBe(0);
    expect(stdout.trimEnd().split("\n")).toHaveLength(5);
    expect(stdout).toMatch(
      new RegExp(`chain138 +mined +chain138-weth9 +success in block \\d+, ${String(result.transaction)}`),
    );
    const [{ lines }] = JSON.parse((await show("--json")).stdout) as [{ lines: { type: string }[] }];
    expect(lines.map(({ type }) => type)).toEqual(["chain", "preflight", "signed", "mined"]);
  }));
