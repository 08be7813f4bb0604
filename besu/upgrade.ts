/** The first release that writes consensus messages otherwise than 25.x (besu-eth/besu, pull request 10499). */
const NEW_ENCODING = 26;

/** The release that a container image's tag names; undefined for a tag that is none, such as `latest`, or a digest. */
export function versionOf(image: string): readonly [year: number, minor: number, patch: number] | undefined {
  const [, year, minor, patch = "0"] = /:v?(\d+)\.(\d+)(?:\.(\d+))?(?:[-+@].*)?$/.exec(image) ?? [];
  return year === undefined ? undefined : [Number(year), Number(minor), Number(patch)];
}

/**
 * Why validators of two images cannot be in one network while an upgrade goes from one to the other; undefined when they
 * can. Besu 25.x and 26.x encode QBFT's RoundChange and Proposal messages differently: with some validators on each, rounds
 * are not changed together, and the chain halts as soon as a proposer is down, which an upgrade makes sure of. A pair of
 * tags that tell no release is taken to be compatible.
 *
 * @param from image that runs now
 * @param to image that is to run
 */
export function upgradeProblem(from: string, to: string): string | undefined {
  const [old, fresh] = [versionOf(from), versionOf(to)];
  if (old === undefined || fresh === undefined) return undefined;
  if (old[0] < NEW_ENCODING === fresh[0] < NEW_ENCODING) return undefined;
  return (
    `Besu ${old.join(".")} and ${fresh.join(".")} encode consensus messages differently: ` +
    "a network that has both loses its quorum with the first proposer that restarts."
  );
}
