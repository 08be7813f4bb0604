import { parseAbiItem, type Abi, type AbiFunction, type AbiParameter, type Hex } from "viem";
import { concatHex, decodeAbiParameters, encodeAbiParameters, toFunctionSelector } from "viem/utils";
import { messageOf } from "../errors";
import { normalized } from "./decoded";
import { BatchInputError } from "./errors";
import type { AbiValue } from "./values";

const remedy = "Write it as 'balanceOf(address)(uint256)': name, argument types, result types.";

/** Splits `name(…)(…)` at its outer brackets; undefined when they do not balance. */
function splitSignature(text: string): { name: string; inputs?: string; outputs?: string } | undefined {
  const name = /^\s*([A-Za-z_$][\w$]*)\s*/.exec(text);
  if (name?.[1] === undefined) return undefined;
  const groups: string[] = [];
  let depth = 0;
  let from = 0;
  for (let at = name[0].length; at < text.length; at++) {
    const letter = text[at];
    if (letter === "(" && depth++ === 0) from = at + 1;
    else if (letter === ")" && --depth === 0) groups.push(text.slice(from, at));
    else if (depth === 0 && letter?.trim() !== "" && letter !== ")") return undefined;
    if (depth < 0) return undefined;
  }
  if (depth !== 0 || groups.length > 2) return undefined;
  return { name: name[1], inputs: groups[0], outputs: groups[1] };
}

const parse = (name: string, inputs: string, outputs: string): AbiFunction => {
  const returns = outputs.trim() === "" ? "" : ` returns (${outputs})`;
  return parseAbiItem([`function ${name}(${inputs})${returns}`] as never);
};

const typesOf = (types: readonly AbiParameter[]): string => JSON.stringify(types.map(canonicalType));
const canonicalType = (type: AbiParameter): unknown => [
  type.type,
  "components" in type ? type.components.map(canonicalType) : [],
];

/**
 * Reads a function as `name(types)(types)`. With the contract's ABI, the result types, or all types where a name has
 * one meaning only, may be left out. Without result types and ABI, results are shown as bytes.
 *
 * @throws {BatchInputError}
 */
export function parseSignature(text: string, abi?: Abi): AbiFunction {
  const parts = splitSignature(text);
  if (parts === undefined) throw new BatchInputError(`--function "${text}" cannot be read.`, remedy);
  const known = (abi ?? []).filter((item): item is AbiFunction => item.type === "function" && item.name === parts.name);
  if (parts.inputs === undefined) {
    const [only] = known;
    if (only !== undefined && known.length === 1) return only;
    const why = known.length > 1 ? `there are ${known.length} functions of that name` : "it has no argument types";
    throw new BatchInputError(`--function "${text}" cannot be read: ${why}.`, remedy);
  }
  try {
    const parsed = parse(parts.name, parts.inputs, parts.outputs ?? "");
    const same = known.find(({ inputs }) => typesOf(inputs) === typesOf(parsed.inputs));
    return parts.outputs === undefined && same !== undefined ? same : parsed;
  } catch (error) {
    const why = messageOf(error).split("\n")[0] ?? "";
    throw new BatchInputError(`--function "${text}" cannot be read: ${why}`, remedy, { cause: error });
  }
}

/** The type of what a function gives: its only result, a tuple of several, or undefined when it says none. */
export function resultType({ outputs }: AbiFunction): AbiParameter | undefined {
  return outputs.length > 1 ? { type: "tuple", name: "", components: outputs } : outputs[0];
}

/** Call data: selector and arguments. */
export const encodeCall = (fn: AbiFunction, args: readonly AbiValue[]): Hex =>
  concatHex([toFunctionSelector(fn), encodeAbiParameters(fn.inputs, args)]);

/** The value that a call gave; its bytes when the signature names no result. Throws what viem throws. */
export function decodeReturned(fn: AbiFunction, data: Hex): AbiValue {
  if (fn.outputs.length === 0) return data;
  const values = decodeAbiParameters<readonly AbiParameter[]>(fn.outputs, data);
  const list = fn.outputs.map((output, index) => normalized(output, values[index]));
  const [only] = list;
  return list.length === 1 && only !== undefined ? only : list;
}
