import { z } from "zod";

import { PipelineInputError, read } from "./input";
import { strategyNames } from "./strategies";

const text = z.string({ error: "a text" });
const seconds = z.number({ error: "seconds, at least 0" }).min(0, { error: "seconds, at least 0" });
const schema = z.looseObject({
  schemaVersion: z.literal(1, { error: "1" }),
  strategy: z.enum(strategyNames, { error: strategyNames.join(", ") }),
  tests: z.record(text, seconds, { error: "predicted seconds by test file" }),
  shards: z.array(
    z.strictObject({
      shard: z.int({ error: "a number from 1" }).min(1, { error: "a number from 1" }),
      tests: z.array(text, { error: "names" }),
      seconds,
      quarantined: z.boolean().optional(),
    }),
    { error: "shards" },
  ),
});

/** A plan of shards as `meridian ci plan --out` writes it and `shard`, `verify` and `rebalance` read it. */
export type PlanFile = z.infer<typeof schema>;

/** @throws PipelineInputError naming the key that is wrong */
export function parsePlan(document: unknown, file: string): PlanFile {
  const plan = read(schema, document, file);
  const planned = new Set<string>();
  for (const { shard, tests } of plan.shards) {
    for (const name of tests) {
      if (planned.has(name)) {
        throw new PipelineInputError(`${file}, shards ${shard}`, `plan "${name}" again`, "each test file in one shard");
      }
      planned.add(name);
    }
  }
  return plan;
}
