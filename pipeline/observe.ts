import type { TestFile } from "./estimate";
import type { Observation } from "./history";
import { PipelineInputError } from "./input";
import type { Report } from "./readers/report";

/** A report with the file it came from, and when that was written (ISO). */
export interface Source {
  readonly source: string;
  readonly report: Report;
  readonly at: string;
}

/** What is known of a run besides its reports, which say it themselves where they can. */
export interface RunFacts {
  readonly run: string;
  readonly attempt: number;
  readonly commit?: string | undefined;
  readonly cache?: "hit" | "miss" | undefined;
  /** Size and content of a test file. */
  readonly file: (name: string) => TestFile;
}

/**
 * What the reports of a run say, as observations for the history.
 *
 * @throws PipelineInputError when two reports tell of the same thing: one of them is of another run or attempt
 */
export function observe(sources: readonly Source[], facts: RunFacts): Observation[] {
  const seen = new Map<string, string>();
  return sources.flatMap(({ source, report, at }) =>
    report.entries.map((entry): Observation => {
      const { run = facts.run, attempt = facts.attempt, commit = facts.commit } = entry;
      const key = JSON.stringify([entry.kind, entry.name, run, attempt]);
      const other = seen.get(key);
      if (other !== undefined) {
        const where = `${source}, ${entry.kind} "${entry.name}"`;
        throw new PipelineInputError(
          where,
          `is in ${other} too`,
          "each once in a run; --run and --attempt tell runs apart",
        );
      }
      seen.set(key, source);
      const { sizeBytes, sha256 } = entry.kind === "test" ? facts.file(entry.name) : {};
      const cache = entry.kind === "step" ? facts.cache : undefined;
      const { kind, name, seconds, outcome } = entry;
      return {
        ...{ kind, name, run, attempt, at: entry.at ?? at, seconds, outcome },
        ...(commit !== undefined && { commit }),
        ...(sizeBytes !== undefined && { sizeBytes }),
        ...(sha256 !== undefined && { sha256 }),
        ...(entry.failed !== undefined && { failed: [...entry.failed] }),
        ...(cache !== undefined && { cache }),
      };
    }),
  );
}
