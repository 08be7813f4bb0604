import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Hex } from "viem";
import { compileContracts } from "../../contracts/compile";
import type { VerifyReport } from "../../contracts/publish/report";
import { stackContracts } from "../../contracts/status/stack-settings";
import type { Chain } from "../../rehearsal/chains";
import { withService, type Reply, type Seen } from "../unit/contracts/publish/support/service";
import { rpc, startChain138, withChain, withFolder } from "./support/chains";
import { deployAll, runMeridian } from "./support/programs";

jest.setTimeout(120_000);

const apiKey = "SECRETKEYOFTHISTEST";
const dev = stackContracts("dev");

/** A Blockscout that verifies everything on the second question. */
function blockscout(): (seen: Seen) => Reply {
  const asked = new Set<string>();
  return ({ path, query, body }) => {
    if (path.startsWith("/api/v2/")) return { status: 404, json: { message: "Not found" } };
    const guid = query.get("guid");
    if (guid === null) return { json: { status: "1", result: new URLSearchParams(body).get("contractaddress") } };
    const result = asked.has(guid) ? "Pass - Verified" : "Pending in queue";
    asked.add(guid);
    return { json: { status: "1", message: "OK", result } };
  };
}

/** Addresses whose sources were sent. */
const sentIn = (seen: readonly Seen[]): string[] =>
  seen
    .filter(({ query }) => query.get("action") === "verifysourcecode")
    .map(({ body }) => new URLSearchParams(body).get("contractaddress")!)
    .sort();

describe("meridian verify", () => {
  let chain: Chain;
  let journal: string;
  let finish: () => void;
  let finished: Promise<void>;

  beforeAll(async () => {
    compileContracts(() => undefined);
    const done = new Promise<void>((resolve) => (finish = resolve));
    await new Promise<void>((ready, failed) => {
      finished = withFolder((folder) =>
        withChain(startChain138(), async (started) => {
          [journal, chain] = [folder, started];
          await deployAll({ chain, journal, salt: dev.salt, owner: dev.settings.owner });
          ready();
          await done;
        }),
      );
      finished.catch(failed);
    });
  }, 120_000);
  afterAll(async () => {
    finish();
    await finished;
  });

  const verify = async (...more: string[]) => {
    const args = ["verify", "--chain", "chain138", "--journal", journal, "--json", ...more];
    const run = await runMeridian(args, {
      MERIDIAN_CHAIN138_RPC_URL: chain.rpcUrl,
      MERIDIAN_BLOCKSCOUT_API_KEY: apiKey,
    });
    return { ...run, report: (run.stdout === "" ? undefined : JSON.parse(run.stdout)) as VerifyReport };
  };

  test("proves all nine offline", async () => {
    const { code, report } = await verify("--offline");
    expect(report.contracts.map(({ proof }) => proof?.verdict)).toEqual(Array(9).fill("perfect"));
    expect(report.summary).toEqual({ total: 9, verified: 9, failed: 0 });
    expect(code).toBe(0);
  });

  test("publishes what is proved; a tampered contract fails by name and is not sent", () =>
    withService(blockscout(), async ({ url, seen }) => {
      const address = (await verify("weth9", "--offline")).report.contracts[0]!.address;
      const code = await rpc<Hex>(chain, "eth_getCode", address, "latest");
      await rpc(chain, "anvil_setCode", address, `${code.slice(0, 400)}00${code.slice(402)}`);
      const names = ["WETH9", "WETH10", "ccip-router"];
      const run = await verify(...names, "--publish", "blockscout", "--blockscout-url", url);
      await rpc(chain, "anvil_setCode", address, code);

      expect(run.code).toBe(1);
      expect(run.report.contracts.filter(({ ok }) => !ok).map(({ name }) => name)).toEqual(["chain138-weth9"]);
      const [tampered, ...others] = run.report.contracts;
      expect(tampered).toMatchObject({ proof: { verdict: "mismatch" }, published: [] });
      expect(others.map(({ published }) => published.map(({ status }) => status))).toEqual([
        ["verified"],
        ["verified"],
      ]);
      expect(sentIn(seen)).toEqual(others.map((each) => each.address).sort());

      const form = new URLSearchParams(seen.find(({ method }) => method === "POST")!.body);
      expect(form.get("compilerversion")).toMatch(/^v0\.8\.30\+commit\.[0-9a-f]{8}$/);
      expect(Object.keys((JSON.parse(form.get("sourceCode")!) as { sources: object }).sources)).toContain(
        "contracts/src/WETH9.sol",
      );
      expect(form.get("licenseType")).toBe("12");
    }));

  test("the API key reaches the service, and no output, report or journal", () =>
    withService(
      ({ query }) => ({ status: 401, json: { message: `no such key: ${query.get("apikey") ?? "none"}` } }),
      async ({ url, seen }) => {
        const json = await verify("weth9", "--publish", "blockscout", "--blockscout-url", url);
        expect(json.report.contracts[0]!.published).toMatchObject([
          { status: "failed", said: "HTTP 401 (no such key: [key])" },
        ]);
        expect(seen[0]!.query.get("apikey")).toBe(apiKey);
        const files = readdirSync(journal).map((file) => readFileSync(join(journal, file), "utf8"));
        expect([json.stdout, json.stderr, ...files].join("\n")).not.toContain(apiKey);
      },
    ));

  test("a node that does not answer fails each contract and sends nothing", () =>
    withService(blockscout(), async ({ url, seen }) => {
      const gone = await withService(
        () => "close",
        (closed) => Promise.resolve(closed.url),
      );
      const more = ["--rpc", gone, "--publish", "blockscout", "--blockscout-url", url];
      const { code, report } = await verify("weth9", "weth10", ...more);
      expect(code).toBe(1);
      expect(report.contracts.map(({ error }) => error)).toEqual(Array(2).fill("no connection: ECONNREFUSED"));
      expect(seen).toEqual([]);
    }));

  test.each([
    ["an unknown name", ["weth8"], /Did you mean WETH9\?/],
    ["an unknown service", ["--publish", "explorer"], /none of sourcify, blockscout, etherscan/],
    ["a public service for a private chain", ["--publish", "sourcify"], /private chain/],
    ["--offline with --publish", ["--offline", "--publish", "sourcify"], /cannot be used with/],
  ])("%s is bad input: exit code 2", async (_, args, words) => {
    const run = await verify(...args);
    expect(run).toMatchObject({ code: 2, stdout: "" });
    expect(run.stderr).toMatch(words);
  });

  test("a service that none of the named contracts can go to is bad input, whatever else the stack has", async () => {
    const args = ["verify", "chain138-weth9", "--journal", journal, "--publish", "sourcify"];
    const urls = { MERIDIAN_CHAIN138_RPC_URL: chain.rpcUrl, MERIDIAN_CHAIN1_RPC_URL: chain.rpcUrl };
    expect(await runMeridian(args, urls)).toMatchObject({ code: 2, stdout: "" });
  });

  test("the table for people names each contract, and what failed last", async () => {
    const args = ["verify", "weth10", "--chain", "chain138", "--journal", journal];
    const { stdout } = await runMeridian(args, { MERIDIAN_CHAIN138_RPC_URL: chain.rpcUrl });
    expect(stdout).toMatch(/^CONTRACT +ADDRESS +OFFLINE\nchain138-weth10 +0x\w{40} +perfect\n1 of 1 verified\n$/);
  });
});
