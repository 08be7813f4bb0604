import { MeridianError } from "../../errors";
import { describeIssue } from "../../fleet-errors";
import { isRegion } from "../../regions/catalogue";
import { suggest } from "../../regions/suggest";
import { batchesOf, type GraphNode } from "../graph";
import { SuiteError, placeOf, suiteError } from "./errors";
import { suiteSchema, type Suite, type SuiteCall, type SuiteContract, type SuiteValue } from "./format";
import { mentionsIn } from "./values";

/** Logical names that a chain has besides its contracts and calls. */
const RESERVED_SLUGS = ["ready", "contracts"];

/** `CCIPWETH9Bridge` -> `ccip-weth9-bridge`, `MyToken` -> `my-token`. */
const slugOf = (name: string): string =>
  name
    .replace(/[_$]+/g, "-")
    .replace(/([a-z0-9])([A-Z])/g, "$1-$2")
    .replace(/([A-Z]+)([A-Z][a-z])/g, "$1-$2")
    .replace(/^-+|-+$/g, "")
    .toLowerCase();

/**
 * The contracts of a chain that a contract needs first, by name and without repetition: those that its arguments refer
 * to, its libraries, its implementation, and those it is `after`. Pure.
 */
export function needsOf(contract: SuiteContract, chain: string): string[] {
  const mentioned = contract.arguments.flatMap((value) => mentionsIn(value, chain));
  const references = mentioned.flatMap(({ contract: name }) => (name === undefined ? [] : [name]));
  const implementation = contract.implementation === undefined ? [] : [contract.implementation];
  return [...new Set([...references, ...Object.values(contract.libraries), ...implementation, ...contract.after])];
}

/** Contracts and calls that a call needs first, by name and without repetition. Pure. */
export function callNeedsOf(call: SuiteCall, chain: string): string[] {
  const values: readonly SuiteValue[] = [
    ...call.arguments,
    ...call.doneWhen.flatMap(({ arguments: args, gives }) => [...args, gives]),
  ];
  const mentioned = values.flatMap((value) => mentionsIn(value, chain));
  const references = mentioned.flatMap(({ contract: name }) => (name === undefined ? [] : [name]));
  const read = call.doneWhen.flatMap(({ contract }) => (contract === undefined ? [] : [contract]));
  return [...new Set([call.contract, ...references, ...read, ...call.after])];
}

/**
 * Turns what a file holds into a suite, with every default filled in. Pure.
 *
 * @throws {SuiteError} for the first thing wrong, naming contract or call, field, value and what is allowed
 */
export function parseSuite(raw: unknown, origin: Pick<Suite, "path" | "folder">): Suite {
  const parsed = suiteSchema.safeParse(raw);
  if (!parsed.success) throw issueError(parsed.error.issues[0], raw, origin);
  const { chains, contracts, calls } = parsed.data;
  const all = Object.keys(chains);
  const suite: Suite = {
    ...origin,
    chains,
    contracts: contracts.map((contract) => ({
      ...contract,
      slug: contract.slug ?? slugOf(contract.name),
      contract: contract.contract ?? contract.name,
      chains: contract.chains ?? all,
    })),
    calls: calls.map((call) => ({
      ...call,
      chains: call.chains ?? contracts.find(({ name }) => name === call.contract)?.chains ?? all,
    })),
  };
  checkChains(suite);
  checkNames(suite);
  suite.contracts.forEach((contract, index) => checkContract(suite, contract, index));
  suite.calls.forEach((call, index) => checkCall(suite, call, index));
  checkOrder(suite);
  return suite;
}

function issueError(issue: Parameters<typeof describeIssue>[0], raw: unknown, origin: Pick<Suite, "path">): SuiteError {
  const [list, index] = issue?.path ?? [];
  const named = (raw as Record<string, { name?: unknown }[] | undefined> | null)?.[String(list)]?.[Number(index)]?.name;
  const name = typeof named === "string" ? named : undefined;
  const text = describeIssue(issue, raw, (path) => placeOf(path, name));
  return new SuiteError(`${origin.path ?? "contracts/suite.ts"}: ${text}`, { hint: "The format: docs/contracts.md." });
}

function checkChains(suite: Suite): void {
  const [bad] = Object.keys(suite.chains).filter((name) => name === "global" || isRegion(name));
  if (bad === undefined) return;
  const why = "Names of a region and global begin other resources' names. Allowed: another name.";
  throw suiteError(suite, `chains.${bad}`, suite.chains[bad], why);
}

function checkNames(suite: Suite): void {
  const { contracts, calls } = suite;
  const seen = new Map<string, string>();
  const once = (word: string, place: string, given: string): void => {
    const first = seen.get(word);
    if (first !== undefined) throw suiteError(suite, place, given, `It is taken by ${first}. Allowed: each name once.`);
    seen.set(word, place);
  };
  contracts.forEach(({ name }, index) => once(`name ${name}`, `contracts[${index}].name`, name));
  const slugs = [
    ...contracts.map(({ slug, name }, index) => [slug, `contracts[${index}] (${name}).slug`] as const),
    ...calls.map(({ name }, index) => [name, `calls[${index}].name`] as const),
  ];
  for (const [slug, place] of slugs) {
    if (RESERVED_SLUGS.includes(slug)) {
      throw suiteError(suite, place, slug, "Each chain has a resource of that name itself. Allowed: another one.");
    }
    once(`slug ${slug}`, place, slug);
  }
  for (const [slug, place] of slugs) {
    const verified = contracts.find((contract) => `${contract.slug}-verify` === slug);
    if (verified !== undefined)
      throw suiteError(suite, place, slug, `So is the verification of ${verified.name} named. Allowed: another name.`);
  }
}

/** Refuses a name that is none of a suite's contracts on all of some chains. */
function requireOn(suite: Suite, name: string, chains: readonly string[], place: string): void {
  const found = suite.contracts.find((contract) => contract.name === name);
  const known = suite.contracts.map((contract) => contract.name);
  if (found === undefined) {
    const near = suggest(name, known);
    const hint = near === undefined ? "" : ` Did you mean "${near}"?`;
    throw suiteError(suite, place, name, `The suite has no such contract.${hint} Allowed: ${known.join(", ")}.`);
  }
  const lacking = chains.find((chain) => !found.chains.includes(chain));
  if (lacking !== undefined) {
    throw suiteError(suite, place, name, `It is not on ${lacking}. Allowed: what is on every chain of both.`);
  }
}

function requireChains(suite: Suite, chains: readonly string[], place: string): void {
  const known = Object.keys(suite.chains);
  const unknown = chains.find((chain) => !known.includes(chain));
  if (unknown !== undefined) {
    throw suiteError(suite, place, unknown, `The suite has no such chain. Allowed: ${known.join(", ")}.`);
  }
}

/** Checks what the values of one contract or call lead to. */
function checkValues(suite: Suite, values: readonly SuiteValue[], chains: readonly string[], place: string): void {
  values.forEach((value, index) => {
    for (const { path, contract, chains: given } of mentionsIn(value)) {
      const where = placeOf([`${place}[${index}]`, ...path], undefined);
      if (contract !== undefined) requireOn(suite, contract, chains, where);
      if (given === undefined) continue;
      requireChains(suite, given, where);
      const lacking = chains.find((chain) => !given.includes(chain));
      if (lacking !== undefined)
        throw suiteError(suite, where, given, `It lacks ${lacking}. Allowed: a value for each chain.`);
    }
  });
}

function checkContract(suite: Suite, contract: SuiteContract, index: number): void {
  const place = `contracts[${index}] (${contract.name})`;
  const { chains, adopt, libraries, implementation, after, source } = contract;
  requireChains(suite, chains, `${place}.chains`);
  requireChains(suite, Object.keys(adopt), `${place}.adopt`);
  checkValues(suite, contract.arguments, chains, `${place}.arguments`);
  after.forEach((name, at) => requireOn(suite, name, chains, `${place}.after[${at}]`));
  for (const [library, name] of Object.entries(libraries))
    requireOn(suite, name, chains, `${place}.libraries.${library}`);
  if (implementation !== undefined) requireOn(suite, implementation, chains, `${place}.implementation`);
  if (source !== undefined) return;
  const deployed = chains.find((chain) => adopt[chain]?.codeHash === undefined);
  if (deployed !== undefined) {
    const why = `On ${deployed} there is nothing to deploy or compare. Allowed: a Solidity file, or adopt with codeHash on every chain.`;
    throw suiteError(suite, `${place}.source`, source, why);
  }
}

function checkCall(suite: Suite, call: SuiteCall, index: number): void {
  const place = `calls[${index}] (${call.name})`;
  requireChains(suite, call.chains, `${place}.chains`);
  requireOn(suite, call.contract, call.chains, `${place}.contract`);
  checkValues(suite, call.arguments, call.chains, `${place}.arguments`);
  call.doneWhen.forEach(({ contract, arguments: args, gives }, at) => {
    const where = `${place}.doneWhen[${at}]`;
    if (contract !== undefined) requireOn(suite, contract, call.chains, `${where}.contract`);
    checkValues(suite, args, call.chains, `${where}.arguments`);
    checkValues(suite, [gives], call.chains, `${where}.gives`);
  });
  call.after.forEach((name, at) => {
    const earlier = suite.calls.find((each) => each.name === name);
    if (earlier === undefined) requireOn(suite, name, call.chains, `${place}.after[${at}]`);
    else {
      const lacking = call.chains.find((chain) => !earlier.chains.includes(chain));
      if (lacking !== undefined)
        throw suiteError(
          suite,
          `${place}.after[${at}]`,
          name,
          `It is not made on ${lacking}. Allowed: what is on every chain of both.`,
        );
    }
  });
}

/** Refuses circles, chain by chain. */
function checkOrder(suite: Suite): void {
  for (const chain of Object.keys(suite.chains)) {
    const nodes = [
      ...suite.contracts
        .filter(({ chains }) => chains.includes(chain))
        .map((contract) => ({ name: contract.name, needs: needsOf(contract, chain) })),
      ...suite.calls
        .filter(({ chains }) => chains.includes(chain))
        .map((call) => ({ name: call.name, needs: callNeedsOf(call, chain) })),
    ];
    orderOf(suite, nodes);
  }
}

/** Batches of a suite's contracts or calls. @throws {SuiteError} that shows the circle */
export function orderOf(suite: Pick<Suite, "path">, nodes: readonly GraphNode[]): string[][] {
  try {
    return batchesOf(nodes);
  } catch (error) {
    if (!(error instanceof MeridianError)) throw error;
    throw new SuiteError(`${suite.path ?? "contracts/suite.ts"}: ${error.message}`, { hint: error.hint, cause: error });
  }
}
