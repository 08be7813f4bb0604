import type { AbiFunction, Address, Hex } from "viem";
import { getAddress, isAddress, isHex, numberToHex, size } from "viem/utils";
import { z } from "zod";
import { messageOf } from "../errors";
import { expectationOf } from "./expectation";
import { FieldError } from "./field-error";
import { impossibleFields, type Isolation } from "./isolation";
import type { Expectation } from "./compare";
import { ValueError, valueFrom, type AbiValue, type Json } from "./values";

/** One call of a batch, understood and ready. */
export interface BatchItem {
  /** Place in the batch file, from 0. */
  readonly index: number;
  readonly label: string;
  readonly args: readonly AbiValue[];
  readonly expectation: Expectation;
  /** The expectation as it was written; null when there is none. */
  readonly expected: Json;
  readonly from?: Address;
  /** In wei. */
  readonly value?: bigint;
  /** Number as a quantity, hash, or tag; the batch's block when absent. */
  readonly block?: Hex | "latest" | "earliest" | "pending" | "safe" | "finalized";
}

const integer = z.union([z.int().min(0), z.string().regex(/^(\d+|0x[\da-f]+)$/i)], {
  error: "must be a whole number, as a string when it is large",
});
const json = z.json();

/** An item as it is written. */
const itemSchema = z.strictObject({
  args: z.union([z.string(), z.array(json)], { error: "must be an array, or a string that holds one" }),
  expected: json.optional(),
  label: z.string().optional(),
  compare: z
    .union([z.enum(["exact", "text", "regex", "unordered"]), z.strictObject({ tolerance: z.string() })], {
      error: 'must be "exact", "text", "regex", "unordered" or {"tolerance": "5"}, {"tolerance": "0.1%"}',
    })
    .optional(),
  expectRevert: z
    .union([z.boolean(), z.string().min(1)], { error: "must be true, or a part of the reason" })
    .optional(),
  from: z.string().optional(),
  value: integer.optional(),
  block: z.union([z.int().min(0), z.string()], { error: "must be a number, hash or tag" }).optional(),
});

/** An item as it is written, of the right shape. */
export type WrittenItem = z.infer<typeof itemSchema>;

const tags = ["latest", "earliest", "pending", "safe", "finalized"] as const;

function blockOf(block: number | string): NonNullable<BatchItem["block"]> {
  if (typeof block === "number") return numberToHex(block);
  const tag = tags.find((name) => name === block);
  if (tag !== undefined) return tag;
  if (isHex(block) && size(block) === 32) return block;
  if (/^(\d+|0x[\da-f]+)$/i.test(block)) return numberToHex(BigInt(block));
  throw new FieldError("block", `"${block}" is no number, hash or tag (${tags.join(", ")})`);
}

function addressOf(address: string): Address {
  if (!isAddress(address)) throw new FieldError("from", `"${address}" is no address (or its checksum is wrong)`);
  return getAddress(address);
}

function argsOf(fn: AbiFunction, written: WrittenItem["args"]): AbiValue[] {
  let list: unknown = written;
  if (typeof written === "string") {
    try {
      list = JSON.parse(written);
    } catch (error) {
      throw new FieldError("args", `is no JSON: ${messageOf(error)}`);
    }
  }
  if (!Array.isArray(list)) throw new FieldError("args", "must hold an array");
  const given = list as readonly Json[];
  if (given.length !== fn.inputs.length) {
    throw new FieldError("args", `has ${given.length} values; ${fn.name} takes ${fn.inputs.length}`);
  }
  return fn.inputs.map((input, index) => {
    try {
      return valueFrom(input, given[index] ?? null, `[${index}]`);
    } catch (error) {
      if (error instanceof ValueError) throw new FieldError(`args${error.path}`, error.problem);
      throw error;
    }
  });
}

/**
 * Understands one item. Pure.
 * @throws {FieldError} with the field and what is wrong with it
 */
export function parseItem(fn: AbiFunction, isolation: Isolation, json: unknown, index: number): BatchItem {
  const parsed = itemSchema.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new FieldError(issue?.path.join(".") ?? "", issue?.message ?? "cannot be read");
  }
  const written = parsed.data;
  const impossible = impossibleFields[isolation].find((field) => written[field] !== undefined);
  if (impossible !== undefined) throw new FieldError(impossible, `cannot be given with --isolation ${isolation}`);
  return {
    index,
    label: written.label ?? `#${index}`,
    args: argsOf(fn, written.args),
    expectation: expectationOf(fn, written),
    expected: (written.expected as Json | undefined) ?? null,
    ...(written.from === undefined ? {} : { from: addressOf(written.from) }),
    ...(written.value === undefined ? {} : { value: BigInt(written.value) }),
    ...(written.block === undefined ? {} : { block: blockOf(written.block) }),
  };
}
