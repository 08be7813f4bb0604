/** Reasons by tier, from tests/tools.setup.cjs. */
const skipped = (): Record<string, string> =>
  JSON.parse(process.env.MERIDIAN_SKIPPED_TIERS ?? "{}") as Record<string, string>;

/**
 * `describe` for a tier whose tools not every machine can have. Without them its tests are skipped, each by name, and
 * the tier's reporter says why.
 */
export const describeTier = (tier: string, name: string, tests: () => void): void =>
  tier in skipped() ? describe.skip(name, tests) : describe(name, tests);
