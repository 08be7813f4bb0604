import { z } from "zod";
import type { Json } from "./values";

/** Version of the report's form; a change that breaks a reader raises it. */
export const REPORT_VERSION = 1;

const count = z.int().min(0);
const milliseconds = z.number().min(0);
const json: z.ZodType<Json> = z.json();

/** What became of one item. */
export const itemResultSchema = z.strictObject({
  index: count.describe("Place in the batch file, from 0"),
  label: z.string().describe("The item's label; # and the index without one"),
  status: z.enum(["passed", "failed", "error"]),
  args: z.array(json).describe("Arguments as ABI values: integers as decimal text, checksummed addresses"),
  result: json.describe("What the call gave, in the same form; null when it gave nothing"),
  success: z.boolean().describe("Whether the call returned"),
  passed: z.boolean().describe("Whether the call did what was expected"),
  error: z.string().nullable().describe("Why the call did not return: decoded revert, timeout, transport"),
  expected: json.describe("The expectation as it was written; null without one"),
  diff: z.array(z.string()).nullable().describe("Where result and expectation differ, one line each"),
  duration_ms: milliseconds.describe("The item's equal part of the HTTP request that carried it, retries included"),
});

/** Numbers of a whole batch. */
export const summarySchema = z.strictObject({
  total: count.describe("Items that were to run"),
  passed: count,
  failed: count,
  errors: count,
  not_run: count.describe("Left out by --fail-fast"),
  total_duration_ms: milliseconds.describe("Wall time"),
  summed_duration_ms: milliseconds.describe("Sum of duration_ms"),
  p50_ms: milliseconds.nullable(),
  p95_ms: milliseconds.nullable(),
});

/** What was called, and how. */
export const headerSchema = z.strictObject({
  version: z.literal(REPORT_VERSION),
  file: z.string().nullable().describe("The batch file as it was given; null for a single call"),
  contract: z.string().describe("As it was given: name or address"),
  address: z.string(),
  function: z.string().describe("name(types)(types)"),
  chain_id: count,
  block: count.describe("The block that every item sees, unless it names one"),
  isolation: z.enum(["independent", "shared", "multicall"]),
  transport: z.enum(["json-rpc-batch", "eth_simulateV1", "aggregate3", "evm"]),
});

/** A whole report. */
export const reportSchema = headerSchema.extend({
  results: z.array(itemResultSchema).describe("In the order of the batch file"),
  summary: summarySchema,
});

export type ItemResult = Readonly<z.infer<typeof itemResultSchema>>;
export type BatchSummary = Readonly<z.infer<typeof summarySchema>>;
export type ReportHeader = Readonly<z.infer<typeof headerSchema>>;
export type BatchReport = Readonly<z.infer<typeof reportSchema>>;

/** The report's JSON Schema, as docs/schemas/batch-report.schema.json publishes it. */
export const reportJsonSchema = (): object => ({
  title: "Report of meridian call and meridian batch",
  ...z.toJSONSchema(reportSchema, { target: "draft-7", reused: "ref" }),
});
