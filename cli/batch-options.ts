import { InvalidArgumentError, Option, type Command } from "commander";

import type { Format } from "../contracts/batch/sinks/file";
import type { Backend, Isolation } from "../contracts/batch/isolation";
import { wholeNumber } from "./rehearsal-command";

/** Options of `meridian call` and `meridian batch` as commander gives them. */
export interface BatchCliOptions {
  readonly contract: string;
  readonly function: string;
  readonly args?: string;
  readonly expected?: string;
  readonly from?: string;
  readonly value?: string;
  readonly block?: string;
  readonly batchArgs?: string;
  readonly rpc?: string;
  readonly suite?: string;
  readonly chain?: string;
  readonly journal?: string;
  readonly salt?: string;
  readonly owner?: string;
  readonly isolation: Isolation;
  readonly backend: Backend;
  readonly multicall?: string;
  readonly concurrency: number;
  readonly timeout: number;
  readonly format: Format;
  readonly report?: readonly string[];
  readonly failedOnly?: boolean;
  readonly failFast?: boolean;
  readonly rerunFailed?: string;
}

/** Parses an option that is a number of seconds. */
export const seconds = (text: string): number => {
  const value = Number(text);
  if (text.trim() !== "" && value > 0 && value <= 86_400) return value;
  throw new InvalidArgumentError("It must be a number of seconds, at most a day.");
};

const collect = (value: string, previous: readonly string[] = []): string[] => [...previous, value];

/** Declares the options; the lists repeat contracts/batch, so that `--help` need not load it. */
export function addBatchOptions(command: Command): Command {
  return command
    .requiredOption("--contract <name|address>", "WETH9, weth9, chain138-weth9, or an address")
    .requiredOption("--function <signature>", "e.g. 'balanceOf(address)(uint256)'")
    .option("--args <json>", "arguments of one call, e.g. '[\"0x…\"]'")
    .option("--expected <value>", "with --args: what it must give; arrays and tuples as JSON")
    .option("--from <address>", "with --args: msg.sender")
    .option("--value <wei>", "with --args: msg.value")
    .option("--block <number|hash|tag>", "with --args: block to call at")
    .option("--batch-args <file>", "many calls: a JSON array of items (docs/batch.md); not beside --args")
    .option("--rpc <url>", "HTTP address of a node; MERIDIAN_CHAIN138_RPC_URL or MERIDIAN_CHAIN1_RPC_URL without it")
    .option("--suite <file>", "where names are looked up; Meridian's own contracts without it")
    .option("--chain <name>", "chain that a name is of; the suite's first without it (chain138)")
    .option("--journal <folder>", "where a name's address is looked up; MERIDIAN_JOURNAL_DIR without it")
    .option("--salt <text>", "with --owner: predict a name's address instead")
    .option("--owner <address>", "with --salt")
    .addOption(
      new Option("--isolation <name>", "what items see of each other")
        .choices(["independent", "shared", "multicall"])
        .default("independent"),
    )
    .addOption(
      new Option("--backend <name>", "who runs independent items: the node, or EVM threads here on the node's state")
        .choices(["rpc", "evm"])
        .default("rpc"),
    )
    .option("--multicall <name|address>", "Multicall3 to use; the canonical one, or the suite's, without it")
    .option(
      "--concurrency <n>",
      "HTTP requests under way at a time; with --backend evm, threads at most",
      wholeNumber(1),
      8,
    )
    .option("--timeout <seconds>", "for the request that carries an item, retries included", seconds, 30)
    .addOption(
      new Option("--format <name>", "what goes to stdout").choices(["text", "json", "ndjson", "junit"]).default("text"),
    )
    .option("--report <file>", "write a report as well: .json, .ndjson, .xml, .txt; may be repeated", collect)
    .option("--failed-only", "show what did not pass, and the totals")
    .option("--fail-fast", "stop after the first item that does not pass")
    .option("--rerun-failed <report.json>", "run only what did not pass in that report");
}
