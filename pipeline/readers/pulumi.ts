import { z } from "zod";

import { json, read } from "../input";
import type { Report } from "./report";

const schema = z.strictObject(
  {
    type: z.string(),
    urn: z.string().min(1),
    operation: z.string().min(1),
    seconds: z.number({ error: "seconds, at least 0" }).min(0, { error: "seconds, at least 0" }),
    outcome: z.enum(["succeeded", "failed"], { error: "succeeded or failed" }),
  },
  { error: "an operation" },
);

/**
 * Reads operations of Pulumi's engine as `meridian up` records them: lines of JSON with urn, operation and duration.
 *
 * @throws PipelineInputError naming the line that is wrong
 */
export function readPulumi(text: string, file: string): Report {
  return {
    entries: text.split("\n").flatMap((line, index) => {
      if (line.trim() === "") return [];
      const where = `${file}:${index + 1}`;
      const { urn, operation, seconds, outcome } = read(schema, json(line, where), where);
      return [
        {
          kind: "operation",
          name: `${operation} ${urn}`,
          seconds,
          outcome: outcome === "failed" ? "failed" : "passed",
        },
      ];
    }),
  };
}
