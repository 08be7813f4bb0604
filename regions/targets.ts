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

/**
 * The values of `--target` of a rollout's wave. A region of which a wave takes some validators is targeted by these alone;
 * the wave that takes its last one takes along whatever else the region has.
 *
 * @param steps as `rolloutWaves` cuts them: ordinals ascend from wave to wave
 * @param placement validators of each region
 */
export function targetsForSteps(
  steps: readonly { readonly region: string; readonly ordinals: readonly number[] }[],
  placement: readonly { readonly name: string; readonly validators: number }[],
): string[] {
  const own = steps.flatMap(({ region, ordinals }) => {
    const { validators = 0 } = placement.find(({ name }) => name === region) ?? {};
    if (ordinals.includes(validators - 1)) return [`**::${lookupRegion(region).name}-*`];
    return ordinals.flatMap((ordinal) => {
      const name = `**::${lookupRegion(region).name}-validator-${ordinal}`;
      return [name, `${name}-*`];
    });
  });
  return [...own, SHARED_TARGET];
}

/** The targets as a shell takes them: `--target '**::japaneast-*' --target '**::global-*'`. */
export const renderTargets = (targets: readonly string[]): string =>
  targets.map((target) => `--target '${target}'`).join(" ");
