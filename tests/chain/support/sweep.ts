import { parseArgs } from "node:util";
import { messageOf } from "../../../contracts/errors";
import { deployer, startChain138, transactionsOf, withChain, withFolder } from "./chains";
import { allPoints, hows, killAndResume } from "./kill-sweep";
import { deployAll } from "./programs";

const usage = `Usage: npm run sweep:contracts -- deploys [--runs N]
       npm run sweep:contracts -- kills

deploys: N fresh chains (50), nine programs at once on each, every third one with blocks at intervals; each must give nine
         transactions with nonces 0 to 8, none failed.
kills:   a deployment, of nine contracts apart and of nine as one, killed by SIGKILL at every point of
         contracts/deploy/kill-points.ts, each time that it is passed, and run again; each must give the same.
Exit code 1 when one did not.

Example: npm run sweep:contracts -- deploys --runs 50
`;

/** Runs a sweep; prints what it found. @returns the exit code */
export async function main(args: readonly string[]): Promise<number> {
  let given: { positionals: string[]; values: { runs?: string } };
  try {
    given = parseArgs({ args: [...args], allowPositionals: true, options: { runs: { type: "string" } } });
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n${usage}`);
    return 2;
  }
  const runs = Number(given.values.runs ?? 50);
  const [what] = given.positionals;
  if ((what !== "deploys" && what !== "kills") || !Number.isInteger(runs) || runs < 1) {
    process.stderr.write(usage);
    return 2;
  }
  return what === "deploys" ? deploys(runs) : kills();
}

async function deploys(runs: number): Promise<number> {
  let good = 0;
  for (let run = 0; run < runs; run++) {
    const blockTimeSeconds = run % 3 === 0 ? 0.25 : 0;
    await withFolder((journal) =>
      withChain(startChain138({ blockTimeSeconds }), async (chain) => {
        const results = await deployAll({ chain, journal });
        const sent = await transactionsOf(chain, deployer.address);
        const nonces = sent.map(({ nonce }) => nonce).join(" ");
        const isGood =
          nonces === "0 1 2 3 4 5 6 7 8" &&
          sent.every(({ succeeded }) => succeeded) &&
          results.every(({ code, result }) => code === 0 && !result.adopted);
        if (isGood) good += 1;
        else process.stdout.write(`run ${run}: nonces ${nonces}; ${results.map(({ stderr }) => stderr).join("")}\n`);
      }),
    );
    process.stderr.write(`${run + 1} of ${runs}\n`);
  }
  process.stdout.write(`${good} of ${runs} fresh runs: nine contracts, nonces 0 to 8, none failed\n`);
  return good === runs ? 0 : 1;
}

async function kills(): Promise<number> {
  let killed = 0;
  let wrong = 0;
  await withChain(startChain138(), async (chain) => {
    const all = hows.flatMap((how) => allPoints.map((point) => ({ how, point })));
    for (const [index, { how, point }] of all.entries()) {
      const found = await killAndResume(chain, point, how);
      if (found.killed) killed += 1;
      if (found.problems.length > 0) wrong += 1;
      for (const problem of found.problems) process.stdout.write(`${how}, ${point}: ${problem}\n`);
      process.stderr.write(`${index + 1} of ${all.length}: ${how}, ${point}${found.killed ? "" : " (not reached)"}\n`);
    }
  });
  process.stdout.write(
    `${killed} deployments killed at as many points, of which ${killed - wrong} ended in nine contracts, nonces 0 to 8\n`,
  );
  return wrong === 0 ? 0 : 1;
}
