import { groupBy } from "./group";
import type { Observation } from "./history";

/** When a test counts as flaky, and for how long it is set aside. */
export interface QuarantineRules {
  /** Commits at which it both passed and failed. */
  readonly commits: number;
  /** Only what was seen within so many days counts. */
  readonly withinDays: number;
  /** Days after the last evidence until it is judged like every other again. */
  readonly expiresAfterDays: number;
}

export const quarantineRules: QuarantineRules = { commits: 2, withinDays: 30, expiresAfterDays: 14 };

/** A flaky test file, with the evidence. */
export interface Quarantined {
  readonly name: string;
  /** Commits at which it both passed and failed, without any change. */
  readonly evidence: readonly { readonly commit: string; readonly passed: number; readonly failed: number }[];
  /** Names of its tests that failed there. */
  readonly tests: readonly string[];
  /** ISO time of the last evidence. */
  readonly since: string;
  /** ISO time from which it is no longer set aside. */
  readonly until: string;
}

const DAY_MS = 86_400_000;

/**
 * Test files that both passed and failed at one commit, at enough commits and recently enough. A test that only fails is
 * broken, not flaky; one without a commit gives no evidence.
 *
 * @param now ISO time
 */
export function quarantine(
  history: readonly Observation[],
  now: string,
  rules: QuarantineRules = quarantineRules,
): Quarantined[] {
  const today = Date.parse(now);
  const recent = history.filter(
    ({ kind, at, outcome }) =>
      kind === "test" &&
      outcome !== "skipped" &&
      Date.parse(at) <= today &&
      Date.parse(at) > today - rules.withinDays * DAY_MS,
  );
  return [...groupBy(recent, ({ name }) => name)].flatMap(([name, seen]) => {
    const known = seen.filter(({ commit }) => commit !== undefined);
    const flips = [...groupBy(known, ({ commit }) => commit ?? "")].flatMap(([commit, own]) => {
      const failures = own.filter(({ outcome }) => outcome === "failed");
      const flipped = failures.length > 0 && failures.length < own.length;
      return flipped ? [{ commit, own, failures }] : [];
    });
    const last = Math.max(...flips.flatMap(({ own }) => own.map(({ at }) => Date.parse(at))));
    const until = last + rules.expiresAfterDays * DAY_MS;
    if (flips.length < rules.commits || until <= today) return [];
    return {
      name,
      evidence: flips.map(({ commit, own, failures }) => ({
        commit,
        passed: own.length - failures.length,
        failed: failures.length,
      })),
      tests: [...new Set(flips.flatMap(({ failures }) => failures.flatMap(({ failed = [] }) => failed)))].sort(),
      since: new Date(last).toISOString(),
      until: new Date(until).toISOString(),
    };
  });
}
