/** Jest's globalSetup of the tiers that need tools: `npx jest` alone gets them as well as `npm test` does. */
module.exports = async (_globalConfig, { displayName }) => {
  const { run } = await import("../toolchain/bundle.mjs");
  const { missing, skipped } = await run("toolchain/for-tests.ts").ensureTestTools([displayName.name]);
  for (const reason of Object.values(missing)) throw new Error(reason);
  // The workers, which skip the tests, and the reporter, which says why, read it from here.
  const known = JSON.parse(process.env.MERIDIAN_SKIPPED_TIERS ?? "{}");
  process.env.MERIDIAN_SKIPPED_TIERS = JSON.stringify({ ...known, ...skipped });
};
