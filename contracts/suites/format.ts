import { z } from "zod";
import { isAddress, isHex, size } from "viem/utils";
import { settings, text, wholeNumber } from "../../fleet-schema";

/** A setting of the stack that a suite may use: its owner, or the owners and confirmations of a wallet. */
export const settingNames = ["owner", "signers", "threshold"] as const;
export type SettingName = (typeof settingNames)[number];

/** The address of another contract of the suite on the same chain. */
export interface Reference {
  readonly ref: string;
}
/** What the stack's configuration says. */
export interface Setting {
  readonly setting: SettingName;
}
/** One value for each chain that the contract is on. */
export interface PerChain {
  readonly perChain: Readonly<Record<string, SuiteValue>>;
}
/** The encoded call of a function, as bytes: what a proxy hands to its implementation, for one. */
export interface EncodedCall {
  readonly calldata: { readonly function: string; readonly arguments?: readonly SuiteValue[] };
}

/**
 * A value of an argument. A list is an array or a tuple; a mapping that is none of the four special ones is a tuple by
 * the names of its components. Integers beyond 2^53 - 1 are text.
 */
export type SuiteValue =
  | string
  | number
  | bigint
  | boolean
  | readonly SuiteValue[]
  | Reference
  | Setting
  | PerChain
  | EncodedCall
  | { readonly [component: string]: SuiteValue };

/** The address of another contract. */
export const ref = (contract: string): Reference => ({ ref: contract });
/** A setting of the stack. */
export const setting = (name: SettingName): Setting => ({ setting: name });
/** One value for each chain. */
export const perChain = (values: PerChain["perChain"]): PerChain => ({ perChain: values });

const specials = ["ref", "setting", "perChain", "calldata"] as const;

/** Which special value a mapping is. */
export const specialOf = (value: object): (typeof specials)[number] | undefined => {
  const [only, ...more] = Object.keys(value);
  return more.length === 0 ? specials.find((name) => name === only) : undefined;
};

const isMapping = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** What is wrong with a value, and where in it; undefined when nothing is. */
function faultOf(
  value: unknown,
  path: readonly PropertyKey[] = [],
): { path: PropertyKey[]; problem: string } | undefined {
  const fault = (problem: string, ...more: PropertyKey[]) => ({ path: [...path, ...more], problem });
  const first = (entries: readonly (readonly [PropertyKey, unknown])[], ...more: PropertyKey[]) => {
    for (const [key, inner] of entries) {
      const found = faultOf(inner, [...path, ...more, key]);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  if (["string", "number", "bigint", "boolean"].includes(typeof value)) return undefined;
  if (Array.isArray(value)) return first([...value.entries()]);
  if (!isMapping(value)) return fault("Allowed: text, a number, true, false, a list, or a mapping.");
  const entry = (name: string): unknown => value[name];
  switch (specialOf(value)) {
    case "ref":
      return typeof entry("ref") === "string" ? undefined : fault("Allowed: the name of a contract.", "ref");
    case "setting":
      return settingNames.some((name) => name === entry("setting"))
        ? undefined
        : fault(`Allowed: ${settingNames.join(", ")}.`, "setting");
    case "perChain": {
      const values = entry("perChain");
      if (!isMapping(values)) return fault("Allowed: a mapping of chains to values.", "perChain");
      return first(Object.entries(values), "perChain");
    }
    case "calldata": {
      const call = entry("calldata");
      const shape = "Allowed: { function: text, arguments: a list }.";
      if (!isMapping(call) || typeof call.function !== "string") return fault(shape, "calldata");
      if (call.arguments !== undefined && !Array.isArray(call.arguments)) return fault(shape, "calldata");
      return first([["arguments", call.arguments ?? []]], "calldata");
    }
    case undefined:
      return first(Object.entries(value));
  }
}

const value = z.unknown().transform((given, context): SuiteValue => {
  const fault = faultOf(given);
  if (fault !== undefined) context.addIssue({ code: "custom", path: fault.path, message: fault.problem });
  return given as SuiteValue;
});
const values = z.array(value, { error: "Allowed: a list of values." });

const name = text("letters and digits, as in Solidity", /^[A-Za-z_$][\w$]*$/);
const slug = text("lower-case words joined by hyphens", /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
/** Logical names and environment variables begin with it. */
export const chainName = text("a chain's name: a lower-case letter, then letters and digits", /^[a-z][a-z0-9]{0,30}$/);
const names = z.array(z.string({ error: "Allowed: a name." }), { error: "Allowed: a list of names." });
const chains = z.array(chainName, { error: "Allowed: a list of chains." }).min(1, "Allowed: one chain or more.");

const address = z.custom<`0x${string}`>((given) => typeof given === "string" && isAddress(given), {
  error: "Allowed: an address as text: 0x and 40 hex digits, checksummed if mixed.",
});
const hash = z.custom<`0x${string}`>((given) => isHex(given) && size(given) === 32, {
  error: "Allowed: a Keccak-256 hash as text: 0x and 64 hex digits.",
});

const chain = settings({
  chainId: wholeNumber(1, Number.MAX_SAFE_INTEGER, "EIP-155 chain id"),
  rpcUrl: text("an http(s) URL without user or password", /^https?:\/\/[^\s@]+$/).optional(),
  waitForBlocks: z.boolean({ error: "Allowed: true or false." }).default(false),
});

const adoption = settings({ address, codeHash: hash.optional() });

const contract = settings({
  name,
  slug: slug.optional(),
  source: text("a Solidity file, relative to the suite's, or of an npm package", /\.sol$/).optional(),
  contract: name.optional(),
  arguments: values.default([]),
  chains: chains.optional(),
  after: names.default([]),
  salt: text("any text, or 0x and 64 hex digits").optional(),
  owner: address.optional(),
  phase: text("a label").default(""),
  libraries: z.record(name, z.string({ error: "Allowed: the name of a contract of the suite." })).default({}),
  implementation: z.string({ error: "Allowed: the name of a contract of the suite." }).optional(),
  adopt: z.record(chainName, adoption, { error: "Allowed: a mapping of chains to { address, codeHash }." }).default({}),
});

const check = settings({
  contract: name.optional(),
  function: text("name(types)(types)"),
  arguments: values.default([]),
  gives: value,
});

const call = settings({
  name: slug,
  contract: name,
  function: text("name(types)"),
  arguments: values.default([]),
  value: z
    .union([z.int().nonnegative(), z.string().regex(/^\d+$/)], { error: "Allowed: wei, as a whole number or as text." })
    .default(0),
  chains: chains.optional(),
  after: names.default([]),
  doneWhen: z
    .array(check, { error: "Allowed: a list of { contract, function, arguments, gives }." })
    .min(1, "Allowed: one read or more; without one nobody could tell whether the call is needed."),
});

/** A suite as its file holds it. */
export const suiteSchema = settings({
  chains: z.record(chainName, chain, { error: "Allowed: a mapping of chains to { chainId, rpcUrl, waitForBlocks }." }),
  contracts: z.array(contract, { error: "Allowed: a list of contracts." }).min(1, "Allowed: one contract or more."),
  calls: z.array(call, { error: "Allowed: a list of calls." }).default([]),
});

export type SuiteDefinition = z.input<typeof suiteSchema>;
type Parsed = z.output<typeof suiteSchema>;

/** A chain that a suite deploys to. */
export type SuiteChain = Parsed["chains"][string];
/** A contract of a suite, with every default filled in. */
export type SuiteContract = Parsed["contracts"][number] & {
  readonly slug: string;
  readonly contract: string;
  readonly chains: readonly string[];
};
/** A call after deployment, with every default filled in. */
export type SuiteCall = Parsed["calls"][number] & { readonly chains: readonly string[] };

/** Contracts, the chains they go to, and what is called once they are there. */
export interface Suite {
  /** As messages and command lines name it; undefined for Meridian's own. */
  readonly path: string | undefined;
  /** Absolute; sources are relative to it. */
  readonly folder: string;
  readonly chains: Readonly<Record<string, SuiteChain>>;
  readonly contracts: readonly SuiteContract[];
  readonly calls: readonly SuiteCall[];
}
