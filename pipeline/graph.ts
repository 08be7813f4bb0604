import { PipelineInputError } from "./input";

/** A job as far as the order of jobs goes. */
export interface Node {
  readonly name: string;
  /** Names of the jobs that must have ended before. */
  readonly after: readonly string[];
}

/** A chain of jobs, each waiting for the one before, and how long it takes. */
export interface Path {
  readonly seconds: number;
  readonly names: readonly string[];
}

/** Jobs by index, with those that come before and after each. */
export interface Links {
  readonly before: readonly (readonly number[])[];
  readonly after: readonly (readonly number[])[];
  /** Indexes so that each comes after all that it waits for. */
  readonly order: readonly number[];
}

/** A circle among the jobs that are left over, from a job back to itself. */
function circleOf(nodes: readonly Node[], before: readonly (readonly number[])[], left: ReadonlySet<number>): string[] {
  const trail: number[] = [];
  const [first = 0] = left;
  let at = first;
  while (!trail.includes(at)) {
    trail.push(at);
    at = before[at]?.find((other) => left.has(other)) ?? at;
  }
  // Followed from waiting to waited for; told the way the work would go.
  const circle = [...trail.slice(trail.indexOf(at)), at].reverse();
  return circle.map((index) => nodes[index]?.name ?? "");
}

/**
 * The jobs' order (Kahn, 1962).
 *
 * @param where the file, for the message
 * @throws PipelineInputError for a name that is there twice, a job that waits for an unknown one, or a circle
 */
export function link(nodes: readonly Node[], where: string): Links {
  const indexes = new Map<string, number>();
  nodes.forEach(({ name }, index) => {
    if (indexes.has(name)) throw new PipelineInputError(`${where}, jobs.${name}`, "is there twice", "each name once");
    indexes.set(name, index);
  });
  const before = nodes.map(({ name, after }) =>
    [...new Set(after)].map((other) => {
      const index = indexes.get(other);
      if (index !== undefined) return index;
      throw new PipelineInputError(`${where}, jobs.${name}.after`, `names "${other}"`, "names of jobs in this file");
    }),
  );
  const after: number[][] = nodes.map(() => []);
  before.forEach((others, index) => others.forEach((other) => after[other]?.push(index)));
  const missing = before.map(({ length }) => length);
  const order = nodes.map((_, index) => index).filter((index) => missing[index] === 0);
  for (const index of order) {
    for (const follower of after[index] ?? []) {
      const left = (missing[follower] ?? 0) - 1;
      missing[follower] = left;
      if (left === 0) order.push(follower);
    }
  }
  if (order.length < nodes.length) {
    const left = new Set(missing.flatMap((count, index) => (count > 0 ? [index] : [])));
    const circle = circleOf(nodes, before, left).join(" → ");
    throw new PipelineInputError(`${where}, jobs`, `wait for each other: ${circle}`, "dependencies without a circle");
  }
  return { before, after, order };
}

/** Stage of each job by index: 0 for one that waits for nothing, else one more than the latest it waits for. */
export function stagesOf({ before, order }: Links): number[] {
  const stages: number[] = [];
  for (const index of order) {
    stages[index] = (before[index] ?? []).reduce((stage, other) => Math.max(stage, (stages[other] ?? 0) + 1), 0);
  }
  return stages;
}

/**
 * Rank of each job by index, in seconds: its own time and that of the longest chain of jobs behind it (the upward rank
 * of Topcuoglu, Hariri and Wu, 2002, without communication).
 */
export function ranksOf({ after, order }: Links, seconds: (index: number) => number): number[] {
  const ranks: number[] = [];
  for (const index of [...order].reverse()) {
    const behind = (after[index] ?? []).reduce((most, follower) => Math.max(most, ranks[follower] ?? 0), 0);
    ranks[index] = seconds(index) + behind;
  }
  return ranks;
}

/** The longest chain of jobs: no number of runners ends earlier. Among equals the one that is named first. */
export function criticalPath(nodes: readonly Node[], links: Links, seconds: (index: number) => number): Path {
  const ranks = ranksOf(links, seconds);
  const longest = (indexes: readonly number[]): number | undefined =>
    indexes.reduce<number | undefined>(
      (best, index) => (best === undefined || (ranks[index] ?? 0) > (ranks[best] ?? 0) ? index : best),
      undefined,
    );
  const names: string[] = [];
  let at = longest(nodes.flatMap((_, index) => (links.before[index]?.length === 0 ? [index] : [])));
  const total = at === undefined ? 0 : (ranks[at] ?? 0);
  while (at !== undefined) {
    names.push(nodes[at]?.name ?? "");
    at = longest(links.after[at] ?? []);
  }
  return { seconds: total, names };
}
