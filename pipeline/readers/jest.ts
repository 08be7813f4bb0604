import { z } from "zod";

import { read } from "../input";
import { type Outcome, outcomeOf, type Report } from "./report";

const time = z.number({ error: "milliseconds, at least 0" }).min(0, { error: "milliseconds, at least 0" });
const schema = z.looseObject({
  startTime: time,
  testResults: z.array(
    z
      .looseObject({
        name: z.string({ error: "a path" }),
        startTime: time,
        endTime: time,
        status: z.string({ error: "passed, failed, …" }),
        assertionResults: z.array(
          z.looseObject({ fullName: z.string({ error: "a name" }), status: z.string({ error: "passed, failed, …" }) }),
          { error: "results of tests" },
        ),
      })
      .refine(({ startTime, endTime }) => endTime >= startTime, { error: "not before startTime", path: ["endTime"] }),
    { error: "results of test files" },
  ),
});

const outcome = (status: string): Outcome =>
  status === "passed" ? "passed" : status === "failed" ? "failed" : "skipped";

/** A path below a folder without that folder, with slashes. */
const relative = (path: string, root: string): string => {
  const [plain, folder] = [path, root].map((each) => each.replaceAll("\\", "/"));
  return plain?.startsWith(`${folder}/`) === true ? plain.slice((folder?.length ?? 0) + 1) : (plain ?? path);
};

/**
 * Reads what `jest --json` writes. Names are paths below the root.
 *
 * @param root folder that the tests were run in
 * @throws PipelineInputError naming the key that is wrong
 */
export function readJest(document: unknown, file: string, root: string): Report {
  const { startTime, testResults } = read(schema, document, file);
  const last = testResults.reduce((latest, { endTime }) => Math.max(latest, endTime), startTime);
  return {
    entries: testResults.map((result) => {
      const failed = result.assertionResults.flatMap(({ status, fullName }) => (status === "failed" ? [fullName] : []));
      const outcomes = result.assertionResults.map(({ status }) => outcome(status));
      return {
        kind: "test",
        name: relative(result.name, root),
        seconds: (result.endTime - result.startTime) / 1000,
        // A file that does not even load has failed without a test.
        outcome: result.status === "failed" ? "failed" : outcomeOf(outcomes),
        ...(failed.length > 0 && { failed }),
        ...(result.endTime > 0 && { at: new Date(result.endTime).toISOString() }),
      };
    }),
    wallSeconds: (last - startTime) / 1000,
  };
}
