import { z } from "zod";

import defaults from "./data/autoscale.json";
import { MeridianError } from "../errors";
import type { Timed } from "./durations";
import { PipelineInputError, read } from "./input";
import { billedMinutes } from "./prices";

const upToThousand = { error: "a whole number from 1 to 1000" };
const count = z.int(upToThousand).min(1, upToThousand).max(1000, upToThousand);
const share = z
  .number({ error: "a share from 0 to 1" })
  .min(0, { error: "from 0 to 1" })
  .max(1, { error: "from 0 to 1" });
const seconds = z.number({ error: "seconds, at least 0" }).min(0, { error: "seconds, at least 0" });
const rulesSchema = z
  .strictObject({
    minRunners: count,
    maxRunners: count,
    evaluateEverySeconds: z.number({ error: "seconds, at least 1" }).min(1, { error: "seconds, at least 1" }),
    startupSeconds: seconds,
    usdAMinute: z.number({ error: "USD, over 0" }).gt(0, { error: "USD, over 0" }).optional(),
    budgetUsdAnHour: z.number({ error: "USD, over 0" }).gt(0, { error: "USD, over 0" }).optional(),
    up: z.strictObject({ by: count, cooldownSeconds: seconds, loadAtLeast: share, queueAtLeast: count }),
    down: z.strictObject({ by: count, cooldownSeconds: seconds, loadBelow: share }),
  })
  .refine(({ minRunners, maxRunners }) => minRunners <= maxRunners, {
    error: "at most maxRunners",
    path: ["minRunners"],
  })
  .refine(({ budgetUsdAnHour, usdAMinute }) => budgetUsdAnHour === undefined || usdAMinute !== undefined, {
    error: "a price, when there is a budget",
    path: ["usdAMinute"],
  });

/**
 * When runners are added and removed; docs/pipeline.md explains each key. Loads are shares of busy runners, times in
 * seconds, money in USD.
 */
export type AutoscaleRules = z.infer<typeof rulesSchema>;

/** @throws PipelineInputError naming the rule that is wrong */
export const parseRules = (document: unknown, file: string): AutoscaleRules => read(rulesSchema, document, file);

/** The rules of data/autoscale.json. */
export const autoscaleRules: AutoscaleRules = parseRules(defaults, "pipeline/data/autoscale.json");

/** A job that asks for a runner from some moment on. */
export interface Arrival extends Timed {
  readonly atSeconds: number;
}

/** A change of the number of runners. */
export interface Scaling {
  readonly atSeconds: number;
  readonly from: number;
  readonly to: number;
  readonly load: number;
  readonly queue: number;
}

/** What came of the rules. */
export interface Autoscaled {
  readonly scalings: readonly Scaling[];
  readonly makespanSeconds: number;
  /** Mean time from arrival to start. */
  readonly meanWaitSeconds: number;
  readonly peakRunners: number;
  /** Minutes of all jobs, each rounded up, and what they cost; undefined without a price. */
  readonly minutes: number;
  readonly usd: number | undefined;
}

/** As many steps as are simulated: at 30 s each, almost a year. */
export const MAX_STEPS = 1_000_000;

/** The most runners that rules allow: their own limit, and what an hour's budget pays. */
export const runnerLimit = ({ maxRunners, budgetUsdAnHour, usdAMinute }: AutoscaleRules): number =>
  budgetUsdAnHour === undefined || usdAMinute === undefined
    ? maxRunners
    : Math.min(maxRunners, Math.floor(budgetUsdAnHour / (usdAMinute * 60) + 1e-9));

/**
 * Simulates rules over arriving jobs. They are looked at in steps of `evaluateEverySeconds`; a new runner works after
 * `startupSeconds` and counts as busy until then; only an idle one is removed; going up waits for its cooldown since the last time up, going down for
 * its own since the last change either way.
 *
 * @throws MeridianError when the budget does not pay the least number of runners; PipelineInputError for more than a million
 * steps
 */
export function autoscale(arrivals: readonly Arrival[], rules: AutoscaleRules): Autoscaled {
  const limit = runnerLimit(rules);
  if (limit < rules.minRunners) {
    throw new MeridianError(
      `budgetUsdAnHour ${rules.budgetUsdAnHour ?? 0} pays ${limit} runners, and minRunners is ${rules.minRunners}.`,
      { hint: "Allowed: a budget that pays minRunners for an hour." },
    );
  }
  const ends = arrivals.reduce((last, { atSeconds, seconds: own }) => Math.max(last, atSeconds) + own, 0);
  if (ends / rules.evaluateEverySeconds > MAX_STEPS) {
    const place = `${arrivals.length} jobs, which may take ${Math.round(ends)} s,`;
    throw new PipelineInputError(
      place,
      `make more than ${MAX_STEPS} steps`,
      "fewer jobs, or a longer evaluateEverySeconds",
    );
  }
  const coming = [...arrivals].sort((a, b) => a.atSeconds - b.atSeconds);
  /** When each runner is free for its next job. */
  let freeAt = Array.from({ length: rules.minRunners }, () => 0);
  const queue: Arrival[] = [];
  const scalings: Scaling[] = [];
  let [lastUp, lastChange, waited, end, next] = [-Infinity, -Infinity, 0, 0, 0];

  /** Starts jobs in the order they came, up to a moment. */
  const runUntil = (moment: number): void => {
    for (;;) {
      const job = queue[0] ?? coming[next];
      if (job === undefined) return;
      const soonest = freeAt.reduce((best, free, index) => (free < (freeAt[best] ?? 0) ? index : best), 0);
      const begin = Math.max(job.atSeconds, freeAt[soonest] ?? 0);
      if (begin > moment) break;
      if (queue.length > 0) queue.shift();
      else next += 1;
      freeAt[soonest] = begin + job.seconds;
      waited += begin - job.atSeconds;
      end = Math.max(end, begin + job.seconds);
    }
    for (let job = coming[next]; job !== undefined && job.atSeconds <= moment; job = coming[next]) {
      queue.push(job);
      next += 1;
    }
  };

  for (let now = 0; next < coming.length || queue.length > 0 || now < end; now += rules.evaluateEverySeconds) {
    runUntil(now);
    const runners = freeAt.length;
    const idle = freeAt.filter((free) => free <= now).length;
    const load = (runners - idle) / runners;
    const { up, down } = rules;
    const wantsMore = load >= up.loadAtLeast || queue.length >= up.queueAtLeast;
    let to = runners;
    if (wantsMore && now - lastUp >= up.cooldownSeconds) to = Math.min(limit, runners + up.by);
    else if (!wantsMore && load < down.loadBelow && now - lastChange >= down.cooldownSeconds) {
      to = Math.max(rules.minRunners, runners - Math.min(down.by, idle));
    }
    if (to === runners) continue;
    scalings.push({ atSeconds: now, from: runners, to, load, queue: queue.length });
    lastChange = now;
    if (to > runners) {
      lastUp = now;
      freeAt.push(...Array.from({ length: to - runners }, () => now + rules.startupSeconds));
    } else {
      let surplus = runners - to;
      freeAt = freeAt.filter((free) => free > now || surplus-- <= 0);
    }
  }
  const minutes = coming.reduce((total, job) => total + billedMinutes(job.seconds), 0);
  return {
    scalings,
    makespanSeconds: end,
    meanWaitSeconds: coming.length > 0 ? waited / coming.length : 0,
    peakRunners: scalings.reduce((most, { to }) => Math.max(most, to), rules.minRunners),
    minutes,
    usd: rules.usdAMinute === undefined ? undefined : minutes * rules.usdAMinute,
  };
}

/**
 * Where a series of changes breaks the rules; the checker knows nothing of the simulation.
 *
 * @returns one sentence a breach
 */
export function breaches(scalings: readonly Scaling[], rules: AutoscaleRules): string[] {
  const limit = runnerLimit(rules);
  const found: string[] = [];
  let [runners, lastUp, lastChange] = [rules.minRunners, -Infinity, -Infinity];
  for (const { atSeconds, from, to } of scalings) {
    const at = `at ${atSeconds} s`;
    if (from !== runners) found.push(`${at}: begins with ${from} runners, not ${runners}`);
    if (to > limit) found.push(`${at}: ${to} runners, over the limit of ${limit}`);
    if (to < rules.minRunners) found.push(`${at}: ${to} runners, under the least of ${rules.minRunners}`);
    if (to - from > rules.up.by) found.push(`${at}: up by ${to - from}, over ${rules.up.by}`);
    if (from - to > rules.down.by) found.push(`${at}: down by ${from - to}, over ${rules.down.by}`);
    if (to > from && atSeconds - lastUp < rules.up.cooldownSeconds) found.push(`${at}: up within the cooldown`);
    if (to < from && atSeconds - lastChange < rules.down.cooldownSeconds) found.push(`${at}: down within the cooldown`);
    [runners, lastChange] = [to, atSeconds];
    if (to > from) lastUp = atSeconds;
  }
  return found;
}
