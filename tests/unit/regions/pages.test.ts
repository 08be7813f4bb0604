import { readFileSync } from "node:fs";
import { join } from "node:path";

import { parse } from "yaml";

import { messageLimits } from "../../../besu/message-limits";
import { parseFleet, readSettings } from "../../../fleet";
import { addressRegion, overlayRegion, validatorAddress } from "../../../regions/addressing";
import { blockGapSeconds, commitTimes, describeCommitTimes, timingWarnings } from "../../../regions/commit-time";
import { describeBudget, faultTolerance, messagesPerBlock, quorum, quorumBudget } from "../../../regions/quorum";
import { rolloutWaves } from "../../../regions/waves";

const root = join(__dirname, "../../..");
const page = (name: string) => readFileSync(join(root, "docs", name), "utf8");
const stack = (name: string) => {
  const { config } = parse(readFileSync(join(root, `Pulumi.${name}.yaml`), "utf8")) as {
    config: Record<string, unknown>;
  };
  return parseFleet(readSettings(config));
};
const fleet = stack("fleet");

type Row = readonly (string | number)[];

/** A Markdown table without alignment: what a failing test prints is what belongs on the page. */
const table = (...rows: readonly Row[]) => rows.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
const withoutAlignment = (markdown: string) =>
  markdown
    .split("\n")
    .filter((line) => !/^\|[\s|:-]+$/.test(line))
    .map((line) =>
      line.startsWith("|")
        ? `| ${line
            .split("|")
            .slice(1, -1)
            .map((cell) => cell.trim())
            .join(" | ")} |`
        : line,
    )
    .join("\n");
const thousands = (n: number) => n.toLocaleString("en");

describe("docs/latency-and-quorum.md", () => {
  const text = withoutAlignment(page("latency-and-quorum.md"));

  it("has the fleet's commit times by proposer", () => {
    const times = commitTimes(fleet.regions);
    if (!times.known) throw new Error("the fleet's round trips are known");
    const rows = [...times.byProposer].sort((a, b) => a.commitMs - b.commitMs);

    expect(text).toContain(
      table(["proposer in", "commit, ms"], ...rows.map(({ region, commitMs }) => [region, commitMs])),
    );
    for (const line of describeCommitTimes(times)) expect(text).toContain(line);
    expect(timingWarnings(times, fleet.chain)).toEqual([]);
  });

  it.each(["fleet", "dev"])("has the budget of the %s stack as the preview prints it", (name) => {
    expect(text).toContain(describeBudget(quorumBudget(stack(name).regions)).join("\n"));
  });

  it("has the gaps that dead proposers in a row cause", () => {
    const rows = [0, 1, 2, 3, 4, 5].map((dead): Row => [dead, blockGapSeconds(fleet.chain, dead)]);

    expect(text).toContain(table(["dead in a row", "seconds between two blocks"], ...rows));
  });
});

describe("docs/sizing.md", () => {
  it("has quorum, faults and messages for every size", () => {
    const rows = [4, 5, 7, 10, 20, 30, 48, 100].map((n): Row => {
      const { messagequeuelimit: limit = "Besu's (1,000)" } = messageLimits(n);
      const queue = typeof limit === "number" ? thousands(limit) : limit;
      return [n, quorum(n), faultTolerance(n), n - quorum(n), thousands(messagesPerBlock(n)), queue];
    });

    expect(withoutAlignment(page("sizing.md"))).toContain(
      table(["N", "quorum", "faulty", "stopped", "messages a block and node", "message queue"], ...rows),
    );
  });
});

describe("docs/regions.md", () => {
  const text = withoutAlignment(page("regions.md"));

  it("has the addresses of japaneast", () => {
    const { virtualNetwork, subnets } = addressRegion("japaneast");
    const { pods, services, dnsService } = overlayRegion("japaneast");

    expect(text).toContain(
      table(
        ["what", "range of japaneast"],
        ["virtual network", virtualNetwork],
        ["load balancers", `${subnets.loadBalancers}, validator n at ${validatorAddress("japaneast", 0)} + n`],
        ["system pool", subnets.system],
        ["validator pool", subnets.validators],
        ["private endpoints", subnets.privateEndpoints],
        ["pods", pods],
        ["services", `${services}, DNS at ${dnsService}`],
      ),
    );
  });

  it("has the waves of the fleet", () => {
    const rows = rolloutWaves(fleet.regions).map((wave, i): Row => [
      i + 1,
      wave.map(({ region }) => region).join(", "),
    ]);

    expect(text).toContain(table(["wave", "regions"], ...rows));
  });
});
