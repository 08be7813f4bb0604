import type { Operation, Span } from "./report-data";

/** What an operation did in a stretch of time. */
export type PartKind =
  /** Asked for, without a slot of `--parallel`. */
  | "queued"
  /** Held its slot and waited for something in the world, e.g. the chain's first block. */
  | "blocked"
  /** Held its slot and waited for a limit. */
  | "throttled"
  | "work";

export interface Part extends Span {
  readonly kind: PartKind;
}

/** Disjoint stretches in order, within `bounds`; overlapping ones are one. */
const normalise = (spans: readonly Span[], bounds: Span): Span[] => {
  const merged: { startMs: number; endMs: number }[] = [];
  const clipped = spans
    .map(({ startMs, endMs }) => ({
      startMs: Math.max(startMs, bounds.startMs),
      endMs: Math.min(endMs, bounds.endMs),
    }))
    .filter(({ startMs, endMs }) => endMs > startMs)
    .sort((a, b) => a.startMs - b.startMs);
  for (const span of clipped) {
    const last = merged.at(-1);
    if (last !== undefined && span.startMs <= last.endMs) last.endMs = Math.max(last.endMs, span.endMs);
    else merged.push({ ...span });
  }
  return merged;
};

/** What is left of `bounds` between disjoint stretches. */
const gaps = (spans: readonly Span[], bounds: Span): Span[] => {
  const edges = [bounds.startMs, ...spans.flatMap(({ startMs, endMs }) => [startMs, endMs]), bounds.endMs];
  const pairs: Span[] = [];
  for (let i = 0; i + 1 < edges.length; i += 2) pairs.push({ startMs: edges[i] ?? 0, endMs: edges[i + 1] ?? 0 });
  return pairs.filter(({ startMs, endMs }) => endMs > startMs);
};

/**
 * Splits an operation into what it did, from its arrival to its end, without gap or overlap. Its own work is the last
 * `workMs` that were not throttled; what it held its slot for before that it was blocked.
 */
export const partsOf = ({ arrivedMs, startMs, endMs, workMs, throttled = [] }: Operation): Part[] => {
  const held = { startMs, endMs };
  const limits = normalise(throttled, held);
  const free = gaps(limits, held);
  const parts: Part[] = limits.map((span) => ({ ...span, kind: "throttled" }));
  let workLeft = workMs;
  for (const span of free.toReversed()) {
    const from = Math.max(span.startMs, span.endMs - workLeft);
    workLeft -= span.endMs - from;
    if (from < span.endMs) parts.push({ startMs: from, endMs: span.endMs, kind: "work" });
    if (from > span.startMs) parts.push({ startMs: span.startMs, endMs: from, kind: "blocked" });
  }
  if (startMs > arrivedMs) parts.push({ startMs: arrivedMs, endMs: startMs, kind: "queued" });
  return parts.sort((a, b) => a.startMs - b.startMs);
};

/** Milliseconds that an operation spent in one way. */
export const spentMs = (operation: Operation, kind: PartKind): number =>
  partsOf(operation)
    .filter((part) => part.kind === kind)
    .reduce((sum, part) => sum + part.endMs - part.startMs, 0);
