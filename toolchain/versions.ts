/** The three numbers of a version; pre-release and build parts are ignored, because no tool here is compared by them. */
export type Version = readonly [major: number, minor: number, patch: number];

/**
 * Finds the first `1.2` or `1.2.3` in the output of a `version` command ("go version go1.26.8 linux/amd64",
 * "v3.259.0", "anvil Version: 1.7.1-stable").
 */
export function parseVersion(text: string): Version | undefined {
  const match = /(?<![\d.])(\d+)\.(\d+)(?:\.(\d+))?/.exec(text);
  return match ? [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)] : undefined;
}

/** Negative when `a` is older than `b`, zero when they are equal, positive when it is newer. */
export function compareVersions(a: Version, b: Version): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}

/** `3.259.0` */
export const formatVersion = (version: Version): string => version.join(".");

/** Whether `found` has the same major version as `minimum` and is not older. */
export function isCompatible(found: Version, minimum: Version): boolean {
  return found[0] === minimum[0] && compareVersions(found, minimum) >= 0;
}
