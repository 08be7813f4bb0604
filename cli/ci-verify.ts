import { resolve } from "node:path";

import type { Command } from "commander";

import { MeridianError } from "../errors";
import type { Metric } from "../pipeline/metrics";
import type { ShardReport } from "../pipeline/verify";
import { readText } from "./files";
import { printJson } from "./output";
import { formatTable } from "../table";

interface VerifyOptions {
  readonly plan: string;
  readonly root: string;
  readonly json?: boolean;
}

/** Reads results of shards, each named as `2=jest-2.json`. @throws MeridianError */
export async function readReports(named: readonly string[], root: string): Promise<ShardReport[]> {
  const { readReport } = await import("../pipeline/readers/read.js");
  return named.map((argument) => {
    const [, shard = "", file = ""] = /^(\d+)=(.+)$/.exec(argument) ?? [];
    if (file === "") {
      throw new MeridianError(`"${argument}" names no shard.`, {
        hint: "Allowed: number=file, such as 2=jest-2.json.",
      });
    }
    const { entries, wallSeconds } = readReport(readText(file), file, resolve(root));
    const tests = entries.filter(({ kind }) => kind === "test");
    return { shard: Number(shard), source: file, tests, wallSeconds };
  });
}

/** Declares `meridian ci verify`. */
export function addCiVerify(ci: Command): void {
  ci.command("verify")
    .description("Check a run against its plan: every test file ran exactly once, and how well it was predicted.")
    .argument("<shard=file...>", "results of each shard: 1=jest-1.json 2=jest-2.json")
    .requiredOption("--plan <file>", "plan that ci plan --out wrote")
    .option("--root <folder>", "folder that the tests were run in", ".")
    .option("--json", "print the verdict as JSON")
    .addHelpText(
      "after",
      `
Metrics, their formulas and their targets: docs/pipeline.md. What cannot be computed is unknown.
Exit code 0: every test ran exactly once; 1: one was dropped or doubled, with its name; 2: bad input.

Example:
  npx meridian ci verify --plan plan.json 1=jest-1.json 2=jest-2.json`,
    )
    .action(verify);
}

async function verify(named: readonly string[], { plan: file, root, json = false }: VerifyOptions): Promise<void> {
  const { parsePlan } = await import("../pipeline/plan-file.js");
  const { json: parse } = await import("../pipeline/input.js");
  const { accuracyOf, coverOf } = await import("../pipeline/verify.js");
  const { metricsOf } = await import("../pipeline/metrics.js");
  const { shards } = parsePlan(parse(readText(file), file), file);
  const reports = await readReports(named, root);
  const used = shards.filter(({ tests }) => tests.length > 0);
  const cover = coverOf(shards, reports);
  const accuracy = accuracyOf(used, reports);
  const metrics = metricsOf(used.length, reports);
  if (!cover.exact) process.exitCode = 1;
  if (json) return void printJson({ schemaVersion: 1, ...cover, accuracy, metrics });
  const lines = [
    ...cover.dropped.map(({ name, shard }) => `dropped: ${name} (planned for shard ${shard}) ran nowhere`),
    ...cover.doubled.map(
      ({ name, shards: where }) => `doubled: ${name} ran ${where.length} times, in shards ${where.join(", ")}`,
    ),
    ...cover.moved.map(({ name, from, to }) => `moved: ${name} ran in shard ${to}, planned for ${from}`),
    ...cover.unplanned.map(({ name, shard }) => `not planned: ${name} ran in shard ${shard}`),
  ];
  const planned = shards.reduce((total, { tests }) => total + tests.length, 0);
  const seconds = (value: number | undefined): string => (value === undefined ? "unknown" : `${value.toFixed(1)} s`);
  const rows = accuracy.map(({ shard, predictedSeconds, actualSeconds, ratio }) => [
    ...[String(shard), seconds(predictedSeconds), seconds(actualSeconds)],
    ratio === undefined ? "unknown" : ratio.toFixed(2),
  ]);
  process.stdout.write(
    [
      ...lines,
      cover.exact
        ? `Each of ${planned} planned test files ran exactly once.`
        : `Not every planned test file ran exactly once.`,
      "",
      formatTable([["shard", "predicted", "actual", "actual / predicted"], ...rows]),
      "",
      formatTable([["metric", "value", ""], ...metrics.map(metricRow)]),
      "",
    ].join("\n"),
  );
}

const metricRow = ({ name, value, met }: Metric): string[] => [
  name,
  value === undefined ? "unknown" : name === "duration" ? `${value.toFixed(1)} s` : `${(value * 100).toFixed(1)}%`,
  met === undefined ? "" : met ? "on target" : "off target",
];
