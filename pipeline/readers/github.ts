import { z } from "zod";

import { groupBy } from "../group";
import { read } from "../input";
import type { Entry, Outcome, Report } from "./report";

const instant = z.iso.datetime({ offset: true, error: "a time" });
const timed = { conclusion: z.string().nullable(), started_at: instant.nullish(), completed_at: instant.nullish() };
const step = z.looseObject({ name: z.string({ error: "a name" }), ...timed });
const job = z.looseObject({
  name: z.string({ error: "a name" }),
  run_id: z.union([z.number(), z.string()], { error: "a number" }),
  run_attempt: z.int({ error: "a whole number" }).min(1).default(1),
  head_sha: z.string({ error: "a commit" }).optional(),
  ...timed,
  steps: z.array(step, { error: "steps" }).default([]),
});
const page = z.looseObject({ jobs: z.array(job, { error: "jobs" }) });
const schema = z.union([page.transform((one) => [one]), z.array(page)], { error: "jobs of a workflow run" });

const outcome = (conclusion: string | null): Outcome =>
  conclusion === "success" ? "passed" : conclusion === "failure" || conclusion === "timed_out" ? "failed" : "skipped";

/**
 * Reads the jobs of workflow runs as GitHub's REST API lists them (`/actions/runs/{id}/jobs`, one page or an array of
 * pages): jobs, and their steps as `job / step`. What has not ended is left out.
 *
 * @throws PipelineInputError naming the key that is wrong
 */
export function readGithub(document: unknown, file: string): Report {
  const jobs = read(schema, document, file).flatMap((one) => one.jobs);
  const entries = jobs.flatMap((one): Entry[] => {
    const common = { run: String(one.run_id), attempt: one.run_attempt, ...(one.head_sha && { commit: one.head_sha }) };
    const entry = (kind: "job" | "step", name: string, each: z.infer<typeof step>): Entry[] => {
      const { started_at: begun, completed_at: ended, conclusion } = each;
      if (begun == null || ended == null) return [];
      // The API's steps may end a second before they begin: whole seconds of two clocks.
      const seconds = Math.max(0, Date.parse(ended) - Date.parse(begun)) / 1000;
      return [{ ...common, kind, name, seconds, outcome: outcome(conclusion), at: ended }];
    };
    // Several steps of a job may have one name: the second is "name (2)".
    const steps = [...groupBy(one.steps, ({ name }) => name).values()].flatMap((same) =>
      same.flatMap((each, index) =>
        entry("step", `${one.name} / ${each.name}${index === 0 ? "" : ` (${index + 1})`}`, each),
      ),
    );
    return [...entry("job", one.name, one), ...steps];
  });
  return { entries };
}
