/**
 * Prints the results by tier, and the total alone on the last line but for Jest's own exit message:
 * `N passed, N failed, N skipped`. A tier that could not run counts as one failure and says why. The tests of a tier
 * whose tools not every machine can have are counted as skipped, with the reason.
 */
class TierReporter {
  /**
   * @param {unknown} _globalConfig
   * @param {unknown} _options
   * @param {{ out?: { write(text: string): unknown }, unavailable?: Record<string, string>, skipped?: Record<string, string> }} context given by tests
   */
  constructor(_globalConfig, _options, { out = process.stdout, unavailable, skipped } = {}) {
    this.out = out;
    /** Reason by tier, from scripts/test.mjs. */
    this.unavailable = unavailable ?? reasonsIn("MERIDIAN_UNAVAILABLE_TIERS");
    this.skipped = skipped;
  }

  onRunComplete(_contexts, results) {
    const tiers = countByTier(results.testResults);
    for (const tier of Object.keys(this.unavailable)) tiers.set(tier, { passed: 0, failed: 1, skipped: 0, files: 0 });
    const rows = [...tiers].map(([tier, { passed, failed, skipped }]) => [tier, passed, failed, skipped].map(String));
    const table = [["tier", "passed", "failed", "skipped"], ...rows];
    for (const [tier, ...counts] of table) this.print(tier.padEnd(10) + counts.map((n) => n.padStart(9)).join(""));
    for (const [tier, reason] of Object.entries(this.unavailable)) this.print(`\n${tier} did not run: ${reason}`);
    // Read at the end: tests/tools.setup.cjs may have written it, too.
    const skipped = this.skipped ?? reasonsIn("MERIDIAN_SKIPPED_TIERS");
    for (const [tier, reason] of Object.entries(skipped)) {
      if (tiers.has(tier)) this.print(`\n${tier} skipped: ${reason}\n`);
    }
    for (const { tier, name } of skippedTests(results.testResults)) this.print(`skipped (${tier}): ${name}`);
    const total = (key) => [...tiers.values()].reduce((sum, counts) => sum + counts[key], 0);
    this.print(`\n${total("passed")} passed, ${total("failed")} failed, ${total("skipped")} skipped`);
  }

  /** Jest exits with 1 when this returns an error. */
  getLastError() {
    if (Object.keys(this.unavailable).length > 0) return new Error("A tier could not run for want of a tool.");
  }

  print(line) {
    this.out.write(`${line}\n`);
  }
}

const reasonsIn = (variable) => JSON.parse(process.env[variable] ?? "{}");

const tierOf = (file) => file.displayName?.name ?? "other";

function countByTier(files) {
  const tiers = new Map();
  for (const file of files) {
    const counts = tiers.get(tierOf(file)) ?? { passed: 0, failed: 0, skipped: 0 };
    counts.passed += file.numPassingTests;
    // A file that does not even load has no tests: it is one failure.
    counts.failed += file.numFailingTests + (file.testExecError && file.numFailingTests === 0 ? 1 : 0);
    counts.skipped += file.numPendingTests + file.numTodoTests;
    tiers.set(tierOf(file), counts);
  }
  return tiers;
}

/** A test says why it is skipped in its name. */
function skippedTests(files) {
  return files.flatMap((file) =>
    file.testResults
      .filter(({ status }) => status === "pending" || status === "todo")
      .map(({ fullName }) => ({ tier: tierOf(file), name: fullName })),
  );
}

module.exports = TierReporter;
