/** Reasons by tier, from tests/tools.setup.cjs. */
const skipped = (): Record<string, string> =>
  JSON.parse(process.env.MERIDIAN_SKIPPED_TIERS ?? "{}") as Record<string, string>;

/**
 * `describe` for a tier whose tools not every machine can have. Without them its tests are skipped, each by name, and
 * the tier's reporter says why.
 *
 * @param alsoHas whether what these tests need beside the tier's tools is here; they are skipped by name otherwise
 */
export const describeTier = (tier: string, name: string, tests: () => void, alsoHas = true): void =>
  tier in skipped() || !alsoHas ? describe.skip(name, tests) : describe(name, tests);
