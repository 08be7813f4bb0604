import { lookupRegion } from "./catalogue";

/** What every region needs of the shared resources: keys, genesis, mesh. */
const SHARED_TARGET = "**::global-*";

/**
 * The values of `--target` that deploy these regions, and what all share, without touching another region.
 *
 * `*` stops at a colon and `**` does not, so that `**::eastasia-*` is a whole name's beginning and never the end of
 * `southeastasia-…` (measured, engine 3.259).
 *
 * @param regions each once or more; the order is kept
 * @throws {UnknownRegionError} with a suggestion, for the first name that is no Azure region.
 */
export function targetsFor(regions: readonly string[]): string[] {
  const own = [...new Set(regions)].map((region) => `**::${lookupRegion(region).name}-*`);
  return [...own, SHARED_TARGET];
}

/** The targets as a shell takes them: `--target '**::japaneast-*' --target '**::global-*'`. */
export const renderTargets = (targets: readonly string[]): string =>
  targets.map((target) => `--target '${target}'`).join(" ");
