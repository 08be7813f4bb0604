import type { GraphNode } from "./graph";

/** An operation in an independently computed schedule. */
export interface Scheduled {
  readonly name: string;
  readonly startMs: number;
  readonly endMs: number;
}

/**
 * The judge of the virtual clock: list scheduling of a graph on `parallel` slots, written without looking at the
 * rehearsal. Ready resources wait in the order (number of completions when they became ready, name); completions at one
 * moment are taken one by one, in the order of their names.
 * @param failing resources that end in failure: what depends on them is never ready
 * @param continueOnError without it nothing starts after the first failure
 */
export const listSchedule = (
  nodes: readonly GraphNode[],
  durationMs: (name: string) => number,
  parallel: number,
  { failing = new Set<string>(), continueOnError = false } = {},
): Scheduled[] => {
  const done = new Map<string, number>(); // name -> position among the completions
  const started: Scheduled[] = [];
  const finished: Scheduled[] = [];
  const succeeded = (name: string): boolean => done.has(name) && !failing.has(name);
  const readySince = (node: GraphNode): number => Math.max(0, ...node.after.map((other) => (done.get(other) ?? 0) + 1));
  let now = 0;
  let stopped = false;
  for (;;) {
    const ready = nodes
      .filter(({ name, after }) => !started.some((entry) => entry.name === name) && after.every(succeeded))
      .sort((a, b) => readySince(a) - readySince(b) || (a.name < b.name ? -1 : 1));
    const free = parallel - (started.length - finished.length);
    for (const { name } of stopped ? [] : ready.slice(0, free)) {
      started.push({ name, startMs: now, endMs: now + durationMs(name) });
    }
    const [next] = started
      .filter((entry) => !finished.includes(entry))
      .sort((a, b) => a.endMs - b.endMs || (a.name < b.name ? -1 : 1));
    if (next === undefined) return finished;
    now = next.endMs;
    done.set(next.name, finished.length);
    finished.push(next);
    stopped ||= failing.has(next.name) && !continueOnError;
  }
};

/**
 * The engine deletes in waves (pulumi/pulumi pkg/resource/deploy, ScheduleDeletes): what nothing depends on any more goes
 * together, and the next wave waits for the whole of it.
 */
export const deletionSchedule = (
  nodes: readonly GraphNode[],
  durationMs: (name: string) => number,
  parallel: number,
): Scheduled[] => {
  const finished: Scheduled[] = [];
  let rest = [...nodes];
  while (rest.length > 0) {
    const wave = rest.filter(({ name }) => !rest.some(({ after }) => after.includes(name)));
    const begin = finished.at(-1)?.endMs ?? 0;
    const independent = wave.map((node) => ({ ...node, after: [] }));
    for (const { name, startMs, endMs } of listSchedule(independent, durationMs, parallel)) {
      finished.push({ name, startMs: begin + startMs, endMs: begin + endMs });
    }
    rest = rest.filter((node) => !wave.includes(node));
  }
  return finished;
};
