import { readFileSync } from "node:fs";
import { join } from "node:path";

import { parse, stringify } from "yaml";

import { type ProgramRun, runProgram } from "./program";

const dev = parse(readFileSync(join(__dirname, "../../Pulumi.dev.yaml"), "utf8")) as {
  config: Record<string, object>;
};
const withMode = (mode: string): string =>
  stringify({ config: { ...dev.config, "meridian:contracts": { ...dev.config["meridian:contracts"], mode } } });

/** What a deployment of chain 138 waits for, by logical name. */
const needsOf = (run: ProgramRun, contract: string): string[] =>
  run
    .one(`chain138-${contract}`)
    .dependencies.map((urn) => urn.split("::").at(-1) ?? "")
    .sort();

describe("the contracts of a chain", () => {
  it("wait batch by batch in mode batches, as without a mode", async () => {
    const run = await runProgram(withMode("batches"), "dev");
    expect(needsOf(run, "weth9")).toEqual(["chain138-ready"]);
    expect(needsOf(run, "ccip-router")).toEqual([
      "chain138-multicall3",
      "chain138-multisig",
      "chain138-oracle-aggregator",
      "chain138-weth10",
      "chain138-weth9",
    ]);
    expect(needsOf(run, "ccip-weth9-bridge")).toEqual(["chain138-ccip-router", "chain138-oracle-proxy"]);
  });

  it("wait for the chain alone in mode dataflow, and each verification for its own deployment", async () => {
    const run = await runProgram(withMode("dataflow"), "dev");
    for (const contract of ["weth9", "ccip-router", "ccip-weth9-bridge", "oracle-proxy"]) {
      expect(needsOf(run, contract)).toEqual(["chain138-ready"]);
      expect(needsOf(run, `${contract}-verify`)).toEqual([`chain138-${contract}`]);
      expect(run.one(`chain138-${contract}`).inputs.create).toContain(" --mode dataflow");
    }
  });
});
