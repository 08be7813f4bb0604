import type { Command } from "commander";

import { spreadOf } from "../rehearsal/azure/latency";
import { calibrate, type Calibration, fewestSamples } from "../rehearsal/forecast/fit";
import { samplesOf } from "../rehearsal/forecast/timings";
import { readText, writeText } from "./files";
import { formatTable } from "../table";
import { printJson } from "./output";

/** Declares `meridian calibrate`. */
export function addCalibrate(program: Command): void {
  program
    .command("calibrate")
    .description(
      "Fit latencies by resource type to what meridian up, or pulumi up --event-log, recorded, for meridian forecast --profile.",
    )
    .argument("<events...>", "files that meridian up or pulumi up --event-log wrote")
    .option("--out <file>", "where to write the profile", "profile.json")
    .option("--json", "print fits and samples as JSON")
    .addHelpText(
      "after",
      `
A type with fewer than ${fewestSamples} creations keeps the modelled latency. The engine's own event
log (PULUMI_DEBUG_COMMANDS=1 pulumi up --event-log FILE) has whole seconds only, and holds inputs: keep it to yourself.
Exit code 2 for a file that is neither.

Example:
  npx meridian calibrate .meridian/events/*.jsonl --out measured.json
  npx meridian forecast --stack fleet --profile measured.json`,
    )
    .action((files: readonly string[], { out, json = false }: { readonly out: string; readonly json?: boolean }) => {
      const found = calibrate(files.flatMap((file) => samplesOf(readText(file), file)));
      writeText(out, `${JSON.stringify(profileOf(found), null, 2)}\n`);
      if (json) printJson({ schemaVersion: 1, profile: out, ...found });
      else process.stdout.write(formatCalibration(found, out));
    });
}

const rounded = (value: number): number => Number(value.toPrecision(4));

const profileOf = ({ fits }: Calibration) => ({
  schemaVersion: 1,
  description: "Creation times by resource type in seconds, fitted by meridian calibrate.",
  types: Object.fromEntries(
    Object.entries(fits).map(([type, { median, p95, samples }]) => [
      type,
      { median: rounded(median), p95: Math.max(rounded(median), rounded(p95)), samples },
    ]),
  ),
});

const inSeconds = (value: number): string => `${value.toPrecision(3)} s`;

/** The calibration for people. */
export function formatCalibration({ fits, kept }: Calibration, file: string): string {
  const rows = Object.entries(fits).map(([type, { median, p95, samples, medianBounds, distance, distanceLimit }]) => [
    type,
    String(samples),
    inSeconds(median),
    `${inSeconds(medianBounds[0])} to ${inSeconds(medianBounds[1])}`,
    inSeconds(p95),
    `${inSeconds(spreadOf(type).median)} / ${inSeconds(spreadOf(type).p95)}`,
    `${distance.toFixed(2)} of ${distanceLimit.toFixed(2)}${distance > distanceLimit ? ", not log-normal" : ""}`,
  ]);
  const header = ["type", "samples", "median", "95% sure", "p95", "modelled median / p95", "distance"];
  const left = Object.entries(kept).map(([type, count]) => `  ${type} (${count})`);
  return [
    ...(rows.length === 0 ? ["No type has enough samples."] : [formatTable([header, ...rows])]),
    "",
    ...(left.length === 0
      ? []
      : [`Fewer than ${fewestSamples} samples: these keep the modelled latency.`, ...left, ""]),
    `Profile: ${file}`,
    "",
  ].join("\n");
}
