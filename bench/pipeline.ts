// `npm run bench -- pipeline`: how long a plan of 10,000 test files, or of 10,000 dependent jobs, takes; and what the order of this
// repository's own tests is worth, simulated with the durations of ci-history.jsonl. Prints; judges nothing.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { estimate } from "../pipeline/estimate";
import { parseHistory } from "../pipeline/history";
import { execute } from "../pipeline/schedule";
import { split } from "../pipeline/split";
import { strategies, strategyNames } from "../pipeline/strategies";
import { independent, lowerBound, prepare } from "../pipeline/work";
import { projectRoot } from "../toolchain/paths";

const COUNT = 10_000;

/** The same made-up durations in every run, of 1 to 997 s. */
const files = Array.from({ length: COUNT }, (_, index) => ({ name: `t${index}`, seconds: ((index * 7919) % 997) + 1 }));

function measure(what: string, work: () => void): void {
  const started = process.hrtime.bigint();
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  const wall = Number(process.hrtime.bigint() - started) / 1e9;
  process.stdout.write(`${what}: ${wall.toFixed(2)} s (${((user + system) / 1e6).toFixed(2)} s of processor)\n`);
}

/** Runs the measurements. */
export function main(): void {
  for (const shards of [12, 64, 256]) {
    measure(`${COUNT} test files, ${shards} shards, predictive`, () => void split(files, shards, "predictive"));
  }
  measure(`${COUNT} test files, each number of shards from 3 to 12`, () => {
    for (let shards = 3; shards <= 12; shards += 1) split(files, shards, "predictive");
  });
  const jobs = files.map((file, index) => ({
    ...file,
    after: index < 50 ? [] : [`t${index - 50}`],
    needs: { slots: 1, cpu: 1 + (index % 4), memoryGiB: 1 + (index % 7), io: (index % 3) / 2 },
  }));
  const capacity = { slots: 4, cpu: 8, memoryGiB: 32, io: 2 };
  const work = prepare(
    jobs,
    Array.from({ length: 60 }, (_, index) => ({ name: `r${index}`, pool: "p", capacity })),
  );
  for (const name of strategyNames) {
    measure(`${COUNT} jobs in chains, 60 runners of 4 slots, ${name}`, () => {
      execute(work, strategies[name].assign(work));
    });
  }
  ownSuite();
}

/** This repository's tests, as the history's last run took them, on workers that take the next file when they are free. */
function ownSuite(): void {
  const file = join(projectRoot, "ci-history.jsonl");
  if (!existsSync(file))
    return void process.stdout.write("There is no ci-history.jsonl: this repository's own tests are left out.\n");
  const history = parseHistory(readFileSync(file, "utf8"), file);
  const run = history.at(-1)?.run;
  const last = history.filter((each) => each.kind === "test" && each.run === run);
  const size = new Map(last.map(({ name, sizeBytes = 0 }) => [name, sizeBytes]));
  const earlier = history.filter((each) => each.run !== run);
  const known = new Map(
    estimate(
      last.map(({ name }) => ({ name, sizeBytes: size.get(name) })),
      earlier.length > 0 ? earlier : history,
    ).map(({ name, seconds }) => [name, seconds]),
  );
  const orders: Readonly<Record<string, (a: string, b: string) => number>> = {
    "by name": (a, b) => (a < b ? -1 : 1),
    "the largest file first (Jest without a cache)": (a, b) => (size.get(b) ?? 0) - (size.get(a) ?? 0),
    "the longest first, by the history": (a, b) => (known.get(b) ?? 0) - (known.get(a) ?? 0),
  };
  for (const workers of [2, 4]) {
    const work = independent(last, workers);
    const bound = lowerBound(work);
    for (const [what, before] of Object.entries(orders)) {
      const order = last.map((_, index) => index).sort((a, b) => before(last[a]?.name ?? "", last[b]?.name ?? ""));
      const { makespanSeconds } = execute(work, { order });
      process.stdout.write(
        `${last.length} own test files on ${workers} workers, ${what}: ${makespanSeconds.toFixed(0)} s, ${(makespanSeconds / bound.seconds).toFixed(4)} of the lower bound of ${bound.seconds.toFixed(0)} s\n`,
      );
    }
  }
}
