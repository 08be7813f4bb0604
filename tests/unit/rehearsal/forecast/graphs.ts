import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

import fc from "fast-check";

import type { Graph } from "../../../../rehearsal/forecast/graph";
import type { OperationModel } from "../../../../rehearsal/forecast/model";
import { optionsText, type ProgramOptions } from "../../../../rehearsal/forecast/modes";

/** A random graph with durations: operations depend on earlier ones only. */
export interface Drafted {
  readonly graph: Graph;
  readonly durations: readonly number[];
}

const nameOf = (index: number): string => `r${String(index).padStart(2, "0")}`;

/** Graphs of up to 25 operations whose names are not in the order of their dependencies. */
export const drafts: fc.Arbitrary<Drafted> = fc
  .array(fc.record({ after: fc.array(fc.nat(30), { maxLength: 3 }), durationMs: fc.integer({ min: 0, max: 40 }) }), {
    minLength: 1,
    maxLength: 25,
  })
  .chain((nodes) =>
    fc
      .shuffledSubarray(
        nodes.map((_, index) => index),
        { minLength: nodes.length },
      )
      .map((names) => ({
        durations: nodes.map(({ durationMs }) => durationMs),
        graph: {
          waits: [],
          operations: nodes.map(({ after }, index) => ({
            urn: nameOf(names[index]!),
            type: "test",
            phase: "infrastructure" as const,
            after: [...new Set(after.filter((other) => other < index))],
          })),
        },
      })),
  );

/** A model without chance. */
export const fixedModel = (durations: readonly number[]): OperationModel => ({
  limits: [],
  start: () => ({
    shortestMs: (operation) => durations[operation]!,
    begin: (operation) => durations[operation]!,
    throttles: 0,
  }),
});

/**
 * The graph of a stack's first deployment, as `meridian forecast` recorded it on 2026-11-21 (`.rehearsal/forecast/`,
 * the member `graph`).
 */
export const recorded = (stack: "dev" | "fleet", program: ProgramOptions): Graph => {
  const file = join(__dirname, "vectors", `${stack}-${optionsText(program)}.json.gz`);
  return JSON.parse(gunzipSync(readFileSync(file)).toString()) as Graph;
};

/** The options of both stacks' own files. */
export const ownProgram: ProgramOptions = { phases: "overlap", contracts: "batches" };
