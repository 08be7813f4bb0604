import type { AbiParameter } from "viem";
import { getAddress, isAddress, isHex, size } from "viem/utils";

/** A value of the ABI in one form: integers are bigint, tuples and arrays are lists, bytes are lower case. */
export type AbiValue = bigint | boolean | string | readonly AbiValue[];

/** What JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** A JSON value is none of its ABI type. */
export class ValueError extends Error {
  constructor(
    /** Where in the value: `[2].amount`; empty for the value itself. */
    readonly path: string,
    readonly problem: string,
  ) {
    super(`${path} ${problem}`);
  }
}

const shown = (json: Json): string => {
  const text = JSON.stringify(json);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
};

const componentsOf = (type: AbiParameter): readonly AbiParameter[] => ("components" in type ? type.components : []);

/** The element type and length of an array type; undefined for others. `uint256[3][]` is an array of `uint256[3]`. */
export function arrayOf(type: AbiParameter): { readonly element: AbiParameter; readonly length?: number } | undefined {
  const match = /^(.*)\[(\d*)\]$/.exec(type.type);
  if (match?.[1] === undefined) return undefined;
  const element = { ...type, type: match[1], name: "" };
  return match[2] === "" ? { element } : { element, length: Number(match[2]) };
}

/** Whether a value of the type holds an integer somewhere. */
export const holdsInteger = (type: AbiParameter): boolean =>
  /^u?int/.test(type.type) || componentsOf(type).some(holdsInteger);

/**
 * A value of a type out of JSON. Integers are JSON numbers as far as JSON keeps them exactly (2^53 - 1), or strings in
 * decimal or hexadecimal with any leading zeros. Arrays and tuples may be JSON text as well; tuples may be objects.
 *
 * @throws {ValueError} with the path of what is wrong
 */
export function valueFrom(type: AbiParameter, json: Json, path = ""): AbiValue {
  const refuse = (why: string): ValueError => new ValueError(path, `${why}, not ${shown(json)}`);
  const array = arrayOf(type);
  if (array !== undefined) {
    const list = textAsJson(json);
    if (!Array.isArray(list)) throw refuse(`must be an array of ${array.element.type}`);
    if (array.length !== undefined && list.length !== array.length) {
      throw new ValueError(path, `must have ${array.length} elements, not ${list.length}`);
    }
    return (list as readonly Json[]).map((each, index) => valueFrom(array.element, each, `${path}[${index}]`));
  }
  if (type.type === "tuple") return tupleFrom(type, json, path);
  if (/^u?int\d*$/.test(type.type)) return integerFrom(type.type, json, refuse);
  if (type.type.startsWith("bytes")) return bytesFrom(type.type, json, refuse);
  switch (type.type) {
    case "address":
      if (typeof json !== "string" || !isAddress(json, { strict: false })) throw refuse("must be an address");
      if (/[a-f]/.test(json.slice(2)) && /[A-F]/.test(json) && !isAddress(json)) {
        throw refuse("has a wrong checksum");
      }
      return getAddress(json);
    case "bool":
      if (json === true || json === "true") return true;
      if (json === false || json === "false") return false;
      throw refuse("must be true or false");
    case "string":
      if (typeof json !== "string") throw refuse("must be a string");
      return json;
    default:
      throw new ValueError(path, `is of type ${type.type}, which Meridian does not know`);
  }
}

/** JSON text in a string, as its value; anything else as it is. */
function textAsJson(json: Json): Json {
  if (typeof json !== "string" || !/^\s*[[{]/.test(json)) return json;
  try {
    return JSON.parse(json) as Json;
  } catch {
    return json;
  }
}

function tupleFrom(type: AbiParameter, json: Json, path: string): AbiValue {
  const components = componentsOf(type);
  const given = textAsJson(json);
  if (Array.isArray(given)) {
    const list = given as readonly Json[];
    if (list.length !== components.length) {
      throw new ValueError(path, `must have ${components.length} values, not ${list.length}`);
    }
    return components.map((component, index) => valueFrom(component, list[index] ?? null, `${path}[${index}]`));
  }
  if (typeof given !== "object" || given === null) {
    throw new ValueError(path, `must be an array of ${components.length} values, not ${shown(json)}`);
  }
  const byName = given as Readonly<Record<string, Json>>;
  const names = components.map(({ name }) => name ?? "");
  if (names.includes("")) throw new ValueError(path, "must be an array: the signature does not name its components");
  const unknown = Object.keys(byName).find((key) => !names.includes(key));
  if (unknown !== undefined) throw new ValueError(path, `has no component "${unknown}"`);
  return components.map((component, index) => {
    const name = names[index] ?? "";
    if (!Object.hasOwn(byName, name)) throw new ValueError(path, `lacks "${name}"`);
    return valueFrom(component, byName[name] ?? null, `${path}.${name}`);
  });
}

function integerFrom(type: string, json: Json, refuse: (why: string) => ValueError): bigint {
  if (typeof json === "number" && Number.isInteger(json) && !Number.isSafeInteger(json)) {
    throw refuse("is larger than JSON numbers are exact: write it as a string");
  }
  const isNumber = typeof json === "number" && Number.isInteger(json);
  const isText = typeof json === "string" && /^-?(\d+|0x[\da-f]+)$/i.test(json);
  if (!isNumber && !isText) throw refuse(`must be an integer (${type})`);
  const text = String(json);
  const value = text.startsWith("-") ? -BigInt(text.slice(1)) : BigInt(text);
  const bits = BigInt(/\d+$/.exec(type)?.[0] ?? "256");
  const [low, high] = type.startsWith("u") ? [0n, 2n ** bits] : [-(2n ** (bits - 1n)), 2n ** (bits - 1n)];
  if (value < low || value >= high) throw refuse(`is out of the range of ${type}`);
  return value;
}

function bytesFrom(type: string, json: Json, refuse: (why: string) => ValueError): string {
  if (!isHex(json) || json.length % 2 !== 0) throw refuse(`must be whole bytes as 0x… (${type})`);
  const length = /\d+$/.exec(type)?.[0];
  if (length !== undefined && size(json) !== Number(length)) throw refuse(`must have ${length} bytes`);
  return json.toLowerCase();
}
