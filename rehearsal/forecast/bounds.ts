import type { Prepared } from "./simulate";

/**
 * The operations so that each comes after all that it waits for, the network's waits included; undefined where these
 * make a circle (what is waited for depends on who waits).
 */
const orderWithWaits = ({ graph: { operations }, waitOf }: Prepared, withWaits: boolean): number[] | undefined => {
  const before = operations.map(({ after }, operation) =>
    withWaits ? [...after, ...(waitOf[operation]?.for ?? [])] : after,
  );
  const followers: number[][] = operations.map(() => []);
  before.forEach((others, operation) => others.forEach((other) => followers[other]?.push(operation)));
  const missing = before.map(({ length }) => length);
  const order = operations.map((_, operation) => operation).filter((operation) => missing[operation] === 0);
  for (const operation of order) {
    for (const follower of followers[operation] ?? []) {
      const left = (missing[follower] ?? 0) - 1;
      missing[follower] = left;
      if (left === 0) order.push(follower);
    }
  }
  return order.length === operations.length ? order : undefined;
};

/** The end that the network's wait cannot come before: when enough of what it waits for can have ended. */
const soonest = (ends: readonly number[], needed: number): number =>
  needed < 1 ? 0 : ([...ends].sort((a, b) => a - b)[needed - 1] ?? Infinity);

/**
 * Length of the longest chain of operations, each waiting for the one before: the time with unlimited slots, which no
 * schedule undercuts (Graham, 1969).
 *
 * @returns a function of the operations' least durations, in milliseconds
 * @throws RangeError when the graph has a circle
 */
export const criticalPathBound = (prepared: Prepared): ((shortestMs: (operation: number) => number) => number) => {
  const withWaits = orderWithWaits(prepared, true);
  const order = withWaits ?? orderWithWaits(prepared, false);
  if (order === undefined) throw new RangeError("The graph has a circle: some operations wait for each other.");
  const { graph, waitOf } = prepared;
  const ends = new Float64Array(graph.operations.length);
  return (shortestMs) => {
    let last = 0;
    for (const operation of order) {
      let ready = 0;
      for (const other of graph.operations[operation]?.after ?? []) ready = Math.max(ready, ends[other] ?? 0);
      const wait = withWaits === undefined ? undefined : waitOf[operation];
      const met =
        wait === undefined
          ? 0
          : soonest(
              wait.for.map((other) => ends[other] ?? 0),
              wait.needed,
            );
      // Whoever gives up fails, and a run that fails is not bounded by this.
      const end = Math.max(ready, met) + shortestMs(operation);
      ends[operation] = end;
      last = Math.max(last, end);
    }
    return last;
  };
};

/** All work shared out evenly over the slots, in milliseconds: no schedule undercuts this either. */
export const slotsBound = ({ graph }: Prepared, shortestMs: (operation: number) => number, slots: number): number =>
  graph.operations.reduce((sum, _, operation) => sum + shortestMs(operation), 0) / slots;
