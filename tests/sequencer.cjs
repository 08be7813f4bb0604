/**
 * Jest's order and shards by what each test file really took (ci-history.jsonl, docs/pipeline.md): the longest first, so that no
 * long one is left for a worker to do alone at the end; `--shard=1/3` splits as `meridian ci plan` does. Files that were
 * never measured are estimated. Without a history, or with a broken one, which is told, Jest's own order.
 */
const { createHash } = require("node:crypto");
const { existsSync, readFileSync } = require("node:fs");
const { join, relative, sep } = require("node:path");

const { default: Sequencer } = require("@jest/test-sequencer");

class HistorySequencer extends Sequencer {
  /**
   * @param {object} options Jest's
   * @param {{ history?: string, warn?: (text: string) => void, load?: (entry: string) => Promise<any> }} given by tests
   */
  constructor(options, { history, warn, load = loadBundled } = {}) {
    super(options);
    this.history = history;
    this.load = load;
    this.warn = warn ?? ((text) => process.stderr.write(`${text}\n`));
  }

  async sort(tests) {
    const seconds = await this.predict(tests);
    if (seconds === undefined) return super.sort(tests);
    for (const test of tests) test.duration = seconds.get(test.path) * 1000; // Jest shows it, and decides whether to use workers
    // Of equals the one with the lesser path first, so that the order is the same everywhere.
    return [...tests].sort(
      (a, b) => seconds.get(b.path) - seconds.get(a.path) || (a.path < b.path ? -1 : Number(a.path > b.path)),
    );
  }

  async shard(tests, options) {
    const seconds = await this.predict(tests);
    if (seconds === undefined) return super.shard(tests, options);
    const { split } = await this.load("pipeline/split.ts");
    const files = [...seconds]
      .map(([name, each]) => ({ name, seconds: each }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    const { shards } = split(files, options.shardCount, "predictive");
    const mine = new Set(shards[options.shardIndex - 1].tests);
    return tests.filter(({ path }) => mine.has(path));
  }

  /** Seconds by path; nothing when there is nothing to go by. */
  async predict(tests) {
    const root = tests[0]?.context.config.rootDir;
    const file = this.history ?? (root && join(root, "ci-history.jsonl"));
    if (file === undefined || !existsSync(file)) return undefined;
    const { parseHistory } = await this.load("pipeline/history.ts");
    const { estimate } = await this.load("pipeline/estimate.ts");
    try {
      const history = parseHistory(readFileSync(file, "utf8"), file);
      const files = tests.map(({ path }) => describe(path, root));
      const estimates = estimate(files, history);
      return new Map(tests.map(({ path }, index) => [path, estimates[index].seconds]));
    } catch (error) {
      this.warn(`The tests run in Jest's own order, for want of a history: ${error.message}`);
      return undefined;
    }
  }
}

/** The planner is TypeScript, and Jest loads a sequencer as it is. */
async function loadBundled(entry) {
  const { run } = await import("../toolchain/bundle.mjs");
  return run(entry);
}

/** A test file as the history knows it. */
function describe(path, root) {
  const name = relative(root, path).split(sep).join("/");
  if (!existsSync(path)) return { name };
  const content = readFileSync(path);
  return { name, sizeBytes: content.length, sha256: createHash("sha256").update(content).digest("hex") };
}

module.exports = HistorySequencer;
