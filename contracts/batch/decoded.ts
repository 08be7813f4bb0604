import type { AbiParameter } from "viem";
import { getAddress } from "viem/utils";
import { arrayOf, type AbiValue, type Json } from "./values";

const componentsOf = (type: AbiParameter): readonly AbiParameter[] => ("components" in type ? type.components : []);

/** What viem decodes, in the one form of AbiValue. */
export function normalized(type: AbiParameter, decoded: unknown): AbiValue {
  const array = arrayOf(type);
  if (array !== undefined) return (decoded as readonly unknown[]).map((each) => normalized(array.element, each));
  if (type.type === "tuple") {
    // viem gives an object when every component has a name, else a list.
    const list = Array.isArray(decoded);
    return componentsOf(type).map((component, index) =>
      normalized(
        component,
        list ? (decoded as readonly unknown[])[index] : (decoded as Record<string, unknown>)[component.name ?? ""],
      ),
    );
  }
  if (typeof decoded === "number" || typeof decoded === "bigint") return BigInt(decoded);
  if (typeof decoded === "boolean") return decoded;
  if (type.type === "address") return getAddress(decoded as string);
  return type.type.startsWith("bytes") ? (decoded as string).toLowerCase() : (decoded as string);
}

/** A value as JSON: integers as decimal text, so that none loses a digit. */
export const asJson = (value: AbiValue): Json => {
  if (typeof value === "bigint") return value.toString();
  return typeof value === "object" ? value.map(asJson) : value;
};

/** A value as text for people and for `regex`: text as it is, everything else as JSON. */
export const asText = (value: AbiValue): string => {
  const json = asJson(value);
  return typeof json === "string" ? json : JSON.stringify(json);
};
