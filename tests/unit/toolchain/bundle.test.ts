import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { projectRoot } from "../../../toolchain/paths";

jest.setTimeout(60_000); // eighteen threads, on a machine that may be busy

/** A small entry that no program of ours is bundled from. */
const entry = "errors.ts";
const bundled = (ending: string): string =>
  join(projectRoot, "node_modules", ".cache", "meridian", entry.replace(/\.ts$/, ending));

/** Bundles `entry` in a thread of this process; rejects with the thread's error. */
const bundleInThread = (): Promise<void> =>
  new Promise((resolve, reject) => {
    const module = JSON.stringify(join(projectRoot, "toolchain", "bundle.mjs"));
    const worker = new Worker(`import(${module}).then(({ bundle }) => bundle(${JSON.stringify(entry)}))`, {
      eval: true,
    });
    worker.once("error", reject).once("exit", () => resolve());
  });

afterEach(() => [".cjs", ".json"].forEach((ending) => rmSync(bundled(ending), { force: true })));

test("threads of one process that bundle the same entry at once do not take each other's file", async () => {
  for (let round = 0; round < 3; round++) {
    for (const ending of [".cjs", ".json"]) rmSync(bundled(ending), { force: true });
    await Promise.all(Array.from({ length: 6 }, bundleInThread));
    expect(readFileSync(bundled(".cjs"), "utf8")).toContain("MeridianError");
  }
});
