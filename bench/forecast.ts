// Measures the forecast: 500 runs of the recorded fleet, for one number of slots. Prints; judges nothing.
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { join } from "node:path";

import { forecast, subjectOf } from "../rehearsal/forecast/forecast";
import type { Graph } from "../rehearsal/forecast/graph";
import { azureModel } from "../rehearsal/forecast/azure-model";
import { unbounded } from "../rehearsal/forecast/modes";
import { projectRoot } from "../toolchain/paths";

const folder = join(projectRoot, "tests", "unit", "rehearsal", "forecast", "vectors");
const seconds = (work: () => void): string => {
  const started = process.hrtime.bigint();
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  const wall = Number(process.hrtime.bigint() - started) / 1e9;
  return `${wall.toFixed(2)} s (${((user + system) / 1e6).toFixed(2)} s of processor)`;
};

for (const phases of ["overlap", "barrier"] as const) {
  const graph = JSON.parse(
    gunzipSync(readFileSync(join(folder, `fleet-${phases}-batches.json.gz`))).toString(),
  ) as Graph;
  for (const parallel of [1, 24, unbounded]) {
    const cold = subjectOf({ phases, contracts: "batches" }, graph, azureModel(graph));
    const run = (): void => void forecast(cold, parallel, { runs: 500, seed: 1 });
    const first = seconds(run);
    process.stdout.write(
      `${graph.operations.length} operations, phases ${phases}, --parallel ${parallel}: 500 runs in ${first}, ` +
        `again with the same latencies ${seconds(run)}\n`,
    );
  }
}
