import type { Shard } from "./split";

/** What one report of a shard's run says it ran. */
export interface ShardReport {
  readonly shard: number;
  /** File that it was read from. */
  readonly source: string;
  readonly tests: readonly {
    readonly name: string;
    readonly seconds: number;
    readonly outcome: "passed" | "failed" | "skipped";
  }[];
  /** From the shard's first moment to its last; undefined when the report does not say. */
  readonly wallSeconds?: number | undefined;
}

/** How the run compares with the plan. */
export interface Cover {
  /** Planned and run nowhere. */
  readonly dropped: readonly { readonly name: string; readonly shard: number }[];
  /** Run more than once; where. */
  readonly doubled: readonly { readonly name: string; readonly shards: readonly number[] }[];
  /** Run once, elsewhere than planned. */
  readonly moved: readonly { readonly name: string; readonly from: number; readonly to: number }[];
  /** Run and not planned. */
  readonly unplanned: readonly { readonly name: string; readonly shard: number }[];
  /** Whether each planned test ran exactly once. */
  readonly exact: boolean;
}

/** Compares what ran with what was planned: every test exactly once, in exactly one shard. */
export function coverOf(plan: readonly Shard[], reports: readonly ShardReport[]): Cover {
  const ran = new Map<string, number[]>();
  for (const { shard, tests } of reports) {
    for (const { name } of tests) {
      const where = ran.get(name);
      if (where === undefined) ran.set(name, [shard]);
      else where.push(shard);
    }
  }
  const planned = new Map(plan.flatMap(({ shard, tests }) => tests.map((name) => [name, shard] as const)));
  const dropped = [...planned].flatMap(([name, shard]) => (ran.has(name) ? [] : [{ name, shard }]));
  const doubled = [...ran].flatMap(([name, shards]) => (shards.length > 1 ? [{ name, shards }] : []));
  const once = [...ran].flatMap(([name, [shard = 0, ...more]]) => (more.length === 0 ? [{ name, shard }] : []));
  return {
    dropped,
    doubled,
    moved: once.flatMap(({ name, shard }) => {
      const from = planned.get(name);
      return from === undefined || from === shard ? [] : [{ name, from, to: shard }];
    }),
    unplanned: once.filter(({ name }) => !planned.has(name)),
    exact: dropped.length === 0 && doubled.length === 0,
  };
}

/** Predicted and actual seconds of the tests of a shard. */
export interface Accuracy {
  readonly shard: number;
  readonly predictedSeconds: number;
  /** `undefined` when nothing of the shard is known. */
  readonly actualSeconds: number | undefined;
  /** Actual over predicted; undefined where either is nothing. */
  readonly ratio: number | undefined;
}

/** How well each shard's duration was predicted. */
export function accuracyOf(plan: readonly Shard[], reports: readonly ShardReport[]): Accuracy[] {
  return plan.map(({ shard, seconds: predictedSeconds }) => {
    const own = reports.filter((report) => report.shard === shard);
    const actualSeconds =
      own.length === 0 ? undefined : own.flatMap(({ tests }) => tests).reduce((all, { seconds }) => all + seconds, 0);
    const ratio = actualSeconds === undefined || predictedSeconds <= 0 ? undefined : actualSeconds / predictedSeconds;
    return { shard, predictedSeconds, actualSeconds, ratio };
  });
}
