import type { Address } from "viem";
import type { AbiParameter } from "viem";
import { BatchInputError } from "../batch/errors";
import { encodeCall, parseSignature } from "../batch/signature";
import { valueFrom, ValueError, type AbiValue, type Json } from "../batch/values";
import {
  specialOf,
  type EncodedCall,
  type PerChain,
  type Reference,
  type Setting,
  type SettingName,
  type SuiteValue,
} from "./format";

/** What stands behind the special values of one contract or call on one chain. */
export interface Surroundings {
  readonly chain: string;
  readonly addressOf: (contract: string) => Address;
  readonly settingOf: (name: SettingName) => Json;
}

type Special =
  | { readonly kind: "reference"; readonly contract: string }
  | { readonly kind: "setting"; readonly setting: SettingName }
  | { readonly kind: "perChain"; readonly values: PerChain["perChain"] }
  | { readonly kind: "calldata"; readonly call: EncodedCall["calldata"] }
  | { readonly kind: "list"; readonly values: readonly SuiteValue[] }
  | { readonly kind: "tuple"; readonly values: Readonly<Record<string, SuiteValue>> }
  | { readonly kind: "plain"; readonly value: string | number | bigint | boolean };

function kindOf(value: SuiteValue): Special {
  if (typeof value !== "object") return { kind: "plain", value };
  if (Array.isArray(value)) return { kind: "list", values: value as readonly SuiteValue[] };
  switch (specialOf(value)) {
    case "ref":
      return { kind: "reference", contract: (value as Reference).ref };
    case "setting":
      return { kind: "setting", setting: (value as Setting).setting };
    case "perChain":
      return { kind: "perChain", values: (value as PerChain).perChain };
    case "calldata":
      return { kind: "calldata", call: (value as EncodedCall).calldata };
    case undefined:
      return { kind: "tuple", values: value as Readonly<Record<string, SuiteValue>> };
  }
}

/** A contract that a value names, or chains that it gives values for, with the place inside the value. */
export interface Mention {
  readonly path: readonly PropertyKey[];
  readonly contract?: string;
  /** Chains of a `perChain`. */
  readonly chains?: readonly string[];
}

/**
 * Everything in a value that leads out of it. Pure.
 * @param chain takes of a `perChain` what is for this chain alone
 */
export function mentionsIn(value: SuiteValue, chain?: string, path: readonly PropertyKey[] = []): Mention[] {
  const inside = (entries: readonly (readonly [PropertyKey, SuiteValue])[], ...more: PropertyKey[]): Mention[] =>
    entries.flatMap(([key, inner]) => mentionsIn(inner, chain, [...path, ...more, key]));
  const special = kindOf(value);
  switch (special.kind) {
    case "reference":
      return [{ path: [...path, "ref"], contract: special.contract }];
    case "perChain": {
      const entries = Object.entries(special.values).filter(([name]) => chain === undefined || name === chain);
      return [{ path: [...path, "perChain"], chains: Object.keys(special.values) }, ...inside(entries, "perChain")];
    }
    case "calldata":
      return inside([...(special.call.arguments ?? []).entries()], "calldata", "arguments");
    case "list":
      return inside([...special.values.entries()]);
    case "tuple":
      return inside(Object.entries(special.values));
    case "setting":
    case "plain":
      return [];
  }
}

/** Puts in what references, settings, chains and encoded calls stand for. @throws {ValueError} */
export function resolve(value: SuiteValue, around: Surroundings): Json {
  const special = kindOf(value);
  switch (special.kind) {
    case "reference":
      return around.addressOf(special.contract);
    case "setting":
      return around.settingOf(special.setting);
    case "perChain":
      return resolve(special.values[around.chain] ?? "", around);
    case "calldata":
      return encodedCall(special.call, around);
    case "list":
      return special.values.map((inner) => resolve(inner, around));
    case "tuple":
      return Object.fromEntries(Object.entries(special.values).map(([key, inner]) => [key, resolve(inner, around)]));
    case "plain":
      return typeof special.value === "bigint" ? special.value.toString() : special.value;
  }
}

function encodedCall({ function: text, arguments: args = [] }: EncodedCall["calldata"], around: Surroundings): string {
  try {
    const fn = parseSignature(text);
    return encodeCall(fn, abiValues(fn.inputs, args, around));
  } catch (error) {
    if (error instanceof BatchInputError)
      throw new ValueError("", `holds a call that cannot be read: ${error.message}`);
    throw error;
  }
}

const wanted = (types: readonly AbiParameter[]): string =>
  types.map(({ type, name }) => [type, name].filter(Boolean).join(" ")).join(", ");

/**
 * The values of a list of arguments, as the ABI has them.
 * @throws {ValueError} for a wrong number of them or a wrong type; its path begins with the index
 */
export function abiValues(
  types: readonly AbiParameter[],
  args: readonly SuiteValue[],
  around: Surroundings,
): readonly AbiValue[] {
  if (args.length !== types.length) {
    throw new ValueError("", `must have ${types.length} values (${wanted(types)}), not ${args.length}`);
  }
  return types.map((type, index) => valueFrom(type, resolve(args[index] ?? "", around), `[${index}]`));
}

/** Where a message says a value comes from: `address of CCIPRouter`, `setting owner`. */
export function sourceOf(value: SuiteValue): string {
  const special = kindOf(value);
  switch (special.kind) {
    case "reference":
      return `address of ${special.contract}`;
    case "setting":
      return `setting ${special.setting}`;
    default:
      return "value in the suite";
  }
}
