import type { Command } from "commander";

import { addAutoscale } from "./ci-autoscale";
import { addCiCoverage } from "./ci-coverage";
import { addAdvice } from "./ci-advice";
import { addIngest } from "./ci-ingest";
import { addMatrix } from "./ci-matrix";
import { addPlan } from "./ci-plan";
import { addReplay } from "./ci-replay";
import { addShards } from "./ci-shards";
import { addCiVerify } from "./ci-verify";

/** Declares `meridian ci` and what is below it. */
export function addCi(program: Command): void {
  const ci = program
    .command("ci")
    .description("Plan a CI pipeline from what its tests and jobs really took.")
    .addHelpText(
      "after",
      "\nHow to read the output, formulas and formats: docs/pipeline.md.\n\nExample:\n  npx meridian ci ingest jest.json && npx meridian ci plan --out plan.json",
    );
  addIngest(ci);
  addPlan(ci);
  addReplay(ci);
  addShards(ci);
  addCiVerify(ci);
  addAutoscale(ci);
  addMatrix(ci);
  addAdvice(ci);
  addCiCoverage(ci);
}
