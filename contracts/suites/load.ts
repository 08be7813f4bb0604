import { readFileSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import { parse } from "yaml";
import { projectRoot } from "../../toolchain/paths";
import { messageOf } from "../errors";
import { suite as own } from "../suite";
import { SuiteError } from "./errors";
import type { Suite } from "./format";
import { parseSuite } from "./parse";

/**
 * Reads a suite: YAML or JSON, never code.
 *
 * @param path absolute, or relative to the checkout. @default Meridian's own suite, contracts/suite.ts
 * @throws {SuiteError} naming file, contract and field
 */
export function loadSuite(path?: string): Suite {
  if (path === undefined) return own;
  const file = isAbsolute(path) ? path : join(projectRoot, path);
  let raw: unknown;
  try {
    raw = parse(readFileSync(file, "utf8"));
  } catch (error) {
    const hint = "meridian:contracts.suite names a YAML or JSON file, relative to the checkout.";
    throw new SuiteError(`The suite ${path} cannot be read (${messageOf(error)}).`, { hint });
  }
  return parseSuite(raw, { path, folder: dirname(file) });
}

/**
 * The chain of that name, or the suite's first.
 * @param what names it in the message
 * @throws {SuiteError} that lists the chains
 */
export function chainNamed(given: string | undefined, suite: Pick<Suite, "chains">, what = "--chain"): string {
  const chains = Object.keys(suite.chains);
  const chain = given ?? chains[0];
  if (chain !== undefined && chains.includes(chain)) return chain;
  throw new SuiteError(`${what} is "${chain ?? ""}", which is no chain of the suite.`, {
    hint: `Give one of ${chains.join(", ")}.`,
  });
}
