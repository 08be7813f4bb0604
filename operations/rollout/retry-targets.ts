/** Targets of what all regions share. */
const shared = (target: string): boolean => target.startsWith("**::global-");

/**
 * Of a wave's targets those of the regions that failed, and what all share.
 *
 * @param regions that failed; none stands for what is of no region: everything is tried again
 */
export function narrowTargets(targets: readonly string[], regions: readonly string[]): readonly string[] {
  if (regions.length === 0) return targets;
  const own = targets.filter((target) => regions.some((region) => target.startsWith(`**::${region}-`)));
  return own.length === 0 ? targets : [...own, ...targets.filter(shared)];
}
