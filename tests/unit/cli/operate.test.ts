import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { parse, stringify } from "yaml";

import { main } from "../../../cli/main";
import { projectRoot } from "../../../toolchain/paths";
import { rehearsedAzure, type RehearsedAzure } from "../../support/rehearsed-azure";

// Commands in a rehearsed cluster take half a second each.
jest.setTimeout(60_000);

/** Runs one command line and keeps what it prints. */
async function run(...argv: string[]) {
  const printed = { out: "", err: "" };
  const spies = [
    jest.spyOn(process.stdout, "write").mockImplementation((text) => Boolean((printed.out += String(text)))),
    jest.spyOn(process.stderr, "write").mockImplementation((text) => Boolean((printed.err += String(text)))),
  ];
  const before = process.exitCode;
  try {
    return { exitCode: await main(argv), ...printed };
  } finally {
    process.exitCode = before;
    for (const spy of spies) spy.mockRestore();
  }
}

const folder = mkdtempSync(join(tmpdir(), "meridian-operate-"));
const devFile = parse(readFileSync(join(projectRoot, "Pulumi.dev.yaml"), "utf8")) as {
  config: Record<string, unknown>;
};
const writeStack = (name: string, operations: object) =>
  writeFileSync(
    join(folder, `Pulumi.${name}.yaml`),
    stringify({ config: { ...devFile.config, "meridian:operations": operations } }),
  );
let azure: RehearsedAzure;
beforeAll(async () => {
  azure = await rehearsedAzure("dev");
  // The stack is the rehearsed one's, by name and addresses.
  writeStack("dev", {
    endpoint: azure.server.url,
    validatorUrl: azure.server.validatorUrl,
    metricsUrl: azure.server.metricsUrl,
  });
});
afterAll(async () => {
  await azure.server.close();
  rmSync(folder, { recursive: true });
});

describe("bad input", () => {
  it.each([
    [
      "status of an unknown region",
      ["status", "japanest"],
      'The stack dev has no region "japanest". Did you mean "japaneast"?',
    ],
    ["start without a region", ["start"], "missing required argument 'regions'"],
    ["a timeout of nothing", ["stop", "japaneast", "--timeout", "0"], "It must be a whole number of at least 1."],
    ["a timeout of more than a day", ["status", "--timeout", "86401"], "at most 86400 seconds"],
    ["no concurrency", ["start", "all", "--concurrency", "0"], "It must be a whole number of at least 1."],
    ["an unknown validator", ["validators", "admit", "japaneast/1"], 'has no validator "japaneast/1"'],
    ["half a name", ["validators", "dismiss", "japaneast/"], "Allowed: REGION or REGION/ORDINAL, or an address"],
    ["an admission by address", ["validators", "admit", `0x${"a1".repeat(20)}`], "has no validator"],
    ["nobody", ["validators", "dismiss"], "missing required argument 'validators'"],
    ["an unknown stack", ["status", "--stack", "none"], "Pulumi.none.yaml. Give --stack and --dir"],
    ["unknown trouble", ["cloud", "--trouble", "rain@japaneast"], "Allowed: one of fail, hang, silent, lag"],
  ])("of %s is one error and exit code 2", async (_, argv, message) => {
    const { exitCode, out, err } = await run(...argv, "--dir", folder);

    expect([exitCode, out]).toEqual([2, ""]);
    expect(err).toContain(message);
    expect(err).not.toContain("    at ");
  });

  it("plain http elsewhere than on this machine is refused: a token would go over it", async () => {
    writeStack("open", { endpoint: "http://management.example.org" });
    const { exitCode, err } = await run("status", "--stack", "open", "--dir", folder);

    expect(exitCode).toBe(2);
    expect(err).toContain(
      'meridian:operations.endpoint is "http://management.example.org". Allowed: text, an https URL',
    );
  });

  it("Azure without a subscription is refused before anybody signs in", async () => {
    writeStack("azure", {});
    const { AZURE_SUBSCRIPTION_ID, ARM_SUBSCRIPTION_ID } = process.env;
    delete process.env.AZURE_SUBSCRIPTION_ID;
    delete process.env.ARM_SUBSCRIPTION_ID;
    const { exitCode, err } = await run("status", "--stack", "azure", "--dir", folder);
    Object.assign(process.env, AZURE_SUBSCRIPTION_ID && { AZURE_SUBSCRIPTION_ID });
    Object.assign(process.env, ARM_SUBSCRIPTION_ID && { ARM_SUBSCRIPTION_ID });

    expect(exitCode).toBe(2);
    expect(err).toContain("No subscription is known.");
  });
});

describe("against a rehearsed Azure", () => {
  const dev = () => ["--stack", "dev", "--dir", folder];

  it("status prints the fleet and a line a region, and as JSON one document", async () => {
    const { exitCode, out } = await run("status", ...dev());
    expect(out).toContain("Stack dev is healthy: 5 of 5 validators ready, quorum 4; 1 more may fail.");
    expect(out.split("\n").filter((line) => / running {2}/.test(line))).toHaveLength(5);
    expect(exitCode).toBe(0);

    const json = await run("status", "japaneast", "--json", ...dev());
    expect(JSON.parse(json.out)).toMatchObject({ schemaVersion: 1, errors: [], regions: [{ region: "japaneast" }] });
  });

  it("stop refuses to halt the chain with exit code 2 and says what may stop; --dry-run stops nothing", async () => {
    const refused = await run("stop", "japaneast", "eastasia", ...dev());
    expect([refused.exitCode, refused.out]).toEqual([2, ""]);
    expect(refused.err).toContain("Stopping them leaves 3 of 5 validators; the chain needs 4, ceil(2N/3).");
    expect(refused.err).toContain("These may stop together: npx meridian stop japaneast\n");

    const dry = await run("stop", "japaneast", "--dry-run", ...dev());
    expect(dry).toMatchObject({ exitCode: 0, out: "" });
    expect(azure.server.chain.up(Date.now())).toBe(5);
  });

  it("validators lists the set, and refuses with exit code 2 what would leave fewer than four, before any vote", async () => {
    const listed = await run("validators", ...dev());
    expect([listed.exitCode, listed.err]).toEqual([0, ""]);
    expect(listed.out.split("\n").filter((line) => / yes +in sync +none$/.test(line))).toHaveLength(5);

    const both = await run("validators", "dismiss", "japaneast", "eastasia", ...dev());
    expect([both.exitCode, both.out]).toEqual([2, ""]);
    expect(both.err).toContain("would leave 3 validators, fewer than the 4");
    expect(azure.server.chain.validators).toHaveLength(5);
  });

  it("a validator is dismissed by vote; --dry-run casts none", async () => {
    const dry = await run("validators", "dismiss", "japaneast", "--dry-run", "--json", ...dev());
    expect(JSON.parse(dry.out)).toMatchObject({
      plan: [{ change: "dismiss", name: "japaneast/0", before: 5, after: 4, voters: { length: 3 } }],
      done: null,
    });
    expect(azure.server.chain.validators).toHaveLength(5);

    const before = azure.server.chain.validators;
    const { exitCode, out, err } = await run("validators", "dismiss", "japaneast/0", ...dev());
    expect([exitCode, err]).toEqual([0, ""]);
    expect(out).toContain("japaneast/0: out of the set");
    expect(azure.server.chain.validators).toHaveLength(4);
    azure.server.chain.elect(before, Date.now());
  });

  it("recover finds nothing to do while blocks come", async () => {
    const { exitCode, out } = await run("recover", ...dev());

    expect([exitCode, out.includes("Blocks come: there is nothing to recover.")]).toEqual([0, true]);
  });
});

describe("meridian rollout", () => {
  it.each([
    ["sizes that are none", ["--waves", "8,x"], "It must be numbers of regions of at least 1"],
    ["a time without a unit", ["--soak", "5"], "It must be a number and s, m or h, at most a day: 90s, 5m, 1h."],
    ["another way to fail", ["--on-failure", "pray"], "Allowed choices are stop, keep, rollback."],
    ["a fault without a rehearsal", ["--fault", "flaky"], "--fault is given without --rehearse."],
    ["both ways to go on", ["--resume", "--anew"], "--resume and --anew are both given."],
    ["an unknown stack", ["--stack", "none"], "Pulumi.none.yaml. Give --stack and --dir"],
  ])("refuses %s with one error and exit code 2", async (_, argv, message) => {
    const { exitCode, out, err } = await run("rollout", "--dir", folder, ...argv);

    expect([exitCode, out]).toEqual([2, ""]);
    expect(err).toContain(message);
    expect(err).not.toContain("    at ");
  });
});
