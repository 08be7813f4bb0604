import { messageOf } from "../errors";
import { asJson } from "./decoded";
import { BatchInputError } from "./errors";
import { readInput } from "./file";
import type { BatchItem } from "./item";
import { reportSchema } from "./report";

/**
 * The items that did not pass in an earlier report. A report made with `--failed-only` will do: what it lacks has
 * passed. One that stopped early will not.
 *
 * @param path of a JSON report
 * @throws {BatchInputError} when it is no report, or of another batch file or function
 */
export function failedBefore(items: readonly BatchItem[], path: string, fn: string): BatchItem[] {
  const text = readInput(path, "The report");
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new BatchInputError(`${path} is no JSON: ${messageOf(error)}.`, "Give a report of --format json.");
  }
  const parsed = reportSchema.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = issue === undefined ? "" : ` (${issue.path.join(".")}: ${issue.message})`;
    throw new BatchInputError(`${path} is no report of version 1${where}.`, "Give a report of --format json.");
  }
  const { results, summary, function: reported } = parsed.data;
  if (reported !== fn) throw new BatchInputError(`${path} is a report of ${reported}, not of ${fn}.`, "Run all items.");
  if (summary.not_run > 0) {
    throw new BatchInputError(`${path} stopped early: ${summary.not_run} items were not run.`, "Run all items.");
  }
  const byIndex = new Map(items.map((item) => [item.index, item]));
  return results
    .filter(({ passed }) => !passed)
    .map((result) => {
      const item = byIndex.get(result.index);
      if (item === undefined || JSON.stringify(item.args.map(asJson)) !== JSON.stringify(result.args)) {
        throw new BatchInputError(
          `${path} is a report of another batch file: item ${result.index} had other arguments.`,
          "Run all items.",
        );
      }
      return item;
    });
}
