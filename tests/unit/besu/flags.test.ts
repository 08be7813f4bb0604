import { readFileSync } from "node:fs";
import { join } from "node:path";

import { FLAGS, renderFlagTable } from "../../../besu/flags";
import { nodeOptions, type NodeRole } from "../../../besu/node-options";

/** A Markdown table as cells, whatever its alignment. */
const cellsOf = (markdown: string) =>
  markdown
    .split("\n")
    .filter((line) => line.startsWith("|") && !/^\|[\s|-]+$/.test(line))
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );

describe("docs/flags.md", () => {
  const page = readFileSync(join(__dirname, "../../../docs/flags.md"), "utf8");

  it("has the table of every flag, its value and why, as the code sets it", () => {
    const wanted = cellsOf(renderFlagTable());
    const [header] = wanted;
    const all = cellsOf(page);
    const start = all.findIndex((cells) => cells.join() === header!.join());

    expect(all.slice(start, start + wanted.length)).toEqual(wanted);
  });
});

describe("renderFlagTable", () => {
  it("explains every flag that any role sets, and no other", () => {
    const place = {
      dataPath: "d",
      genesisFile: "g",
      privateKeyFile: "k",
      staticNodesFile: "s",
      address: "a",
      validators: 4,
      cores: 4,
      futureBySender: 1,
    };
    const roles: NodeRole[] = ["validator", "rpc", "archive", "sentry", "bootnode"];
    const set = new Set(roles.flatMap((role) => Object.keys(nodeOptions(role, place))));

    expect([...set].sort()).toEqual(Object.keys(FLAGS).sort());
  });

  it("names the roles where they differ", () => {
    const row = cellsOf(renderFlagTable()).find(([flag]) => flag === "`discovery-enabled`");

    expect(row?.[1]).toBe("`false` (validator, rpc, archive, sentry); `true` (bootnode)");
  });
});
