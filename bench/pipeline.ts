// `npm run bench -- pipeline`: how long a plan of 10,000 test files, or of 10,000 dependent jobs, takes. Prints; judges nothing.
import { execute } from "../pipeline/schedule";
import { split } from "../pipeline/split";
import { strategies, strategyNames } from "../pipeline/strategies";
import { prepare } from "../pipeline/work";

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
}
