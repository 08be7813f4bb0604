import { parseDocument } from "yaml";
import { z } from "zod";

import type { Capacity } from "./capacity";
import { type Links, link } from "./graph";
import { PipelineInputError, read } from "./input";
import { usdAMinute } from "./prices";
import { type Runner } from "./work";

const upToThousand = { error: "a whole number from 1 to 1000" };
const count = z.int(upToThousand).min(1, upToThousand).max(1000, upToThousand);
const positive = z.number({ error: "a number over 0" }).gt(0, { error: "a number over 0" });
const notNegative = z.number({ error: "a number of at least 0" }).min(0, { error: "a number of at least 0" });
const seconds = z.number({ error: "seconds, at least 0" }).min(0, { error: "seconds, at least 0" });
const names = z.array(z.string({ error: "a name" }), { error: "a list of names" });

const poolSchema = z.strictObject(
  {
    runners: count,
    slots: count.default(1),
    cpu: positive,
    memoryGiB: positive,
    io: positive.default(1),
    platform: z.string({ error: "a name" }).optional(),
    price: z.string({ error: "a name of pipeline/data/prices.json" }).optional(),
    runsOn: z.string({ error: "a label of runs-on" }).optional(),
  },
  { error: "a pool: runners, slots, cpu, memoryGiB, io, platform, price, runsOn" },
);

const jobSchema = z.strictObject(
  {
    group: z.string({ error: "a name of groups" }).optional(),
    after: names.default([]),
    seconds: seconds.optional(),
    needs: z
      .strictObject(
        { cpu: notNegative.default(1), memoryGiB: notNegative.default(1), io: notNegative.default(0) },
        { error: "cpu, memoryGiB, io" },
      )
      .default({ cpu: 1, memoryGiB: 1, io: 0 }),
    pool: z.string({ error: "a name of pools" }).optional(),
    platform: z.string({ error: "a name" }).optional(),
    tests: z.union([names, z.string().transform((one) => [one])], { error: "a pattern, or a list of them" }).optional(),
    shards: z.union([count, z.literal("auto")], { error: "a whole number from 1 to 1000, or auto" }).optional(),
    setupSeconds: seconds.default(0),
  },
  { error: "a job: group, after, seconds, needs, pool, platform, tests, shards, setupSeconds" },
);

const schema = z.strictObject({
  pools: z.record(z.string(), poolSchema, { error: "pools by name" }),
  groups: z
    .record(z.string(), z.strictObject({ after: names.default([]) }, { error: "after: names of groups" }), {
      error: "groups by name",
    })
    .default({}),
  jobs: z.record(z.string(), jobSchema, { error: "jobs by name" }),
});

/** A pool of equal runners, as the file has it, with its price in USD a minute. */
export type Pool = z.infer<typeof poolSchema> & { readonly name: string; readonly usdAMinute: number | undefined };

/** A job as the file has it; `after` holds the jobs of the groups that its group waits for, too. */
export type PipelineJob = Omit<z.infer<typeof jobSchema>, "needs"> & {
  readonly name: string;
  readonly needs: Capacity;
};

/** A pipeline: pools of runners, groups of jobs, jobs. */
export interface Pipeline {
  readonly pools: readonly Pool[];
  readonly groups: readonly string[];
  readonly jobs: readonly PipelineJob[];
  readonly links: Links;
}

/**
 * Reads a pipeline (docs/pipeline.md has the format).
 *
 * @param file for messages
 * @throws PipelineInputError for a key that is wrong, a name that is twice or nowhere, a pool without capacity, a circle
 */
export function parsePipeline(text: string, file: string): Pipeline {
  const document = parseDocument(text, { prettyErrors: true });
  const [broken] = document.errors;
  if (broken !== undefined) {
    const line = broken.linePos?.[0].line ?? 1;
    const problem = broken.code === "DUPLICATE_KEY" ? "holds a name twice" : `is no YAML: ${broken.code}`;
    throw new PipelineInputError(`${file}:${line}`, problem, "YAML with each name once");
  }
  const { pools, groups, jobs } = read(schema, document.toJS() as unknown, file);
  const inGroup = (group: string): string[] =>
    Object.entries(jobs).flatMap(([name, job]) => (job.group === group ? [name] : []));
  const named = (known: object, name: string | undefined, where: string): void => {
    if (name === undefined || Object.hasOwn(known, name)) return;
    throw new PipelineInputError(
      `${file}, ${where}`,
      `is "${name}"`,
      Object.keys(known).join(", ") || "none is declared",
    );
  };
  for (const [group, { after }] of Object.entries(groups)) {
    for (const other of after) named(groups, other, `groups.${group}.after`);
  }
  const found = Object.entries(jobs).map(([name, { needs, ...job }]): PipelineJob => {
    named(groups, job.group, `jobs.${name}.group`);
    named(pools, job.pool, `jobs.${name}.pool`);
    if (job.shards !== undefined && job.tests === undefined) {
      throw new PipelineInputError(`${file}, jobs.${name}.shards`, "is for a job without tests", "shards beside tests");
    }
    const before = job.group === undefined ? [] : (groups[job.group]?.after ?? []);
    return { ...job, name, needs: { slots: 1, ...needs }, after: [...job.after, ...before.flatMap(inGroup)] };
  });
  if (found.length === 0) throw new PipelineInputError(`${file}, jobs`, "are none", "at least one job");
  return {
    pools: Object.entries(pools).map(([name, pool]) => ({
      ...pool,
      name,
      usdAMinute: pool.price === undefined ? undefined : usdAMinute(pool.price, `${file}, pools.${name}.price`),
    })),
    groups: Object.keys(groups),
    jobs: found,
    links: link(found, file),
  };
}

/** Every runner of the pools. */
export const runnersOf = (pools: readonly Pool[]): Runner[] =>
  pools.flatMap(({ name, runners, slots, cpu, memoryGiB, io, platform }) =>
    Array.from({ length: runners }, (_, index) => ({
      name: `${name}-${index + 1}`,
      pool: name,
      platform,
      capacity: { slots, cpu, memoryGiB, io },
    })),
  );
