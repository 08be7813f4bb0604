import { readFileSync } from "node:fs";
import type { AbiFunction } from "viem";
import { messageOf } from "../errors";
import { BatchInputError } from "./errors";
import { FieldError } from "./field-error";
import type { Isolation } from "./isolation";
import { parseItem, type BatchItem } from "./item";

/** More mistakes than this are counted, not told. */
const MOST_TOLD = 20;

/** Reads a file of the user's. @throws {BatchInputError} */
export function readInput(path: string, what: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new BatchInputError(`${what} ${path} cannot be read (${messageOf(error)}).`, "Check the path.");
  }
}

/**
 * Understands a whole batch file, or refuses it as a whole with every mistake in it: file, index and field.
 *
 * @param path for the message only
 * @throws {BatchInputError}
 */
export function parseBatch(text: string, path: string, fn: AbiFunction, isolation: Isolation): BatchItem[] {
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch (error) {
    throw new BatchInputError(`${path} is no JSON: ${messageOf(error)}.`, "Correct it; nothing was called.");
  }
  if (!Array.isArray(list)) {
    throw new BatchInputError(`${path} must hold an array at the top level.`, 'Write [{"args": […]}, …].');
  }
  if (list.length === 0) {
    throw new BatchInputError(`${path} holds no items: it would check nothing.`, "Add items, or do not run it.");
  }
  const mistakes: string[] = [];
  const items = list.flatMap((json: unknown, index): BatchItem[] => {
    try {
      return [parseItem(fn, isolation, json, index)];
    } catch (error) {
      if (!(error instanceof FieldError)) throw error;
      mistakes.push(`${path}[${index}]${error.field === "" ? "" : `.${error.field}`}: ${error.problem}`);
      return [];
    }
  });
  if (mistakes.length === 0) return items;
  const more = mistakes.length > MOST_TOLD ? [`and ${mistakes.length - MOST_TOLD} more`] : [];
  throw new BatchInputError(
    [...mistakes.slice(0, MOST_TOLD), ...more].join("\n"),
    "Correct the batch file; nothing was called.",
  );
}
