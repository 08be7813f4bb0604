import { isDeepStrictEqual } from "node:util";

import { holdsUnknown, type Properties, reveal, type Value } from "./values";

/** How one property differs. */
export type ChangeKind = "add" | "delete" | "update";

/** What the engine is told about the change of a resource. */
export interface Difference {
  /** Property path -> how it differs, and whether that forces a new resource. */
  readonly changes: ReadonlyMap<string, { readonly kind: ChangeKind; readonly replaces: boolean }>;
  readonly deleteBeforeReplace: boolean;
}

export const noDifference: Difference = { changes: new Map(), deleteBeforeReplace: false };

const isRecord = (value: Value | undefined): value is Readonly<Record<string, Value>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Property paths at which two inputs differ; lists are compared as a whole, as ARM replaces them as a whole. */
export const changedPaths = (before: Properties, after: Properties, prefix = ""): Map<string, ChangeKind> => {
  const changed = new Map<string, ChangeKind>();
  for (const key of [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()) {
    const path = prefix + key;
    const old = before[key];
    const now = after[key];
    if (old === undefined) changed.set(path, "add");
    else if (now === undefined) changed.set(path, "delete");
    else if (isRecord(old) && isRecord(now)) {
      for (const [nested, kind] of changedPaths(old, now, `${path}.`)) changed.set(nested, kind);
    } else if (!isDeepStrictEqual(old, now) || holdsUnknown(now)) changed.set(path, "update");
  }
  return changed;
};

const isAtOrBelow = (path: string, ancestor: string): boolean => path === ancestor || path.startsWith(`${ancestor}.`);

/**
 * Compares the inputs of a resource.
 * @param replaceOn property paths whose change forces a replacement; what lies below them counts as well
 * @param sameIdentity whether the new resource would have the id of the old one, so that the old one must go first
 */
export const difference = (
  before: Properties,
  after: Properties,
  replaceOn: readonly string[],
  sameIdentity: boolean,
): Difference => {
  const revealed = [before, after].map((side) => reveal(side) as Properties) as [Properties, Properties];
  const changes = new Map(
    [...changedPaths(...revealed)].map(([path, kind]) => {
      // An object that appears or disappears as a whole changes everything below it.
      const replaces = replaceOn.some((forcing) => isAtOrBelow(path, forcing) || isAtOrBelow(forcing, path));
      return [path, { kind, replaces }];
    }),
  );
  const replaced = [...changes.values()].some(({ replaces }) => replaces);
  return { changes, deleteBeforeReplace: replaced && sameIdentity };
};
