import { MeridianError } from "../../errors";
import { quorum } from "../../regions/quorum";

/** A snapshot of a validator's disk. */
export interface DiskSnapshot {
  readonly name: string;
  /** Milliseconds of the epoch. */
  readonly takenAtMs: number;
  /** Whether a disk can be made of it. */
  readonly ready: boolean;
}

/** What a drill knows before it does anything. */
export interface RestoreFacts {
  readonly region: string;
  readonly ordinal: number;
  readonly snapshots: readonly DiskSnapshot[];
  /** Whether the region's vault has the validator's key. */
  readonly keyKept: boolean;
  /** Validators of the whole network, and those of them that are ready, the one to be restored aside. */
  readonly validators: number;
  readonly othersReady: number;
  readonly nowMs: number;
}

export interface RestorePlan {
  readonly region: string;
  readonly ordinal: number;
  readonly snapshot: DiskSnapshot;
  /** Seconds since the snapshot was taken. */
  readonly ageSeconds: number;
  /** What is done, in order, a line each. */
  readonly steps: readonly string[];
}

/** A drill that must not begin. */
export class RestoreRefusedError extends MeridianError {
  override readonly name = "RestoreRefusedError";
}

/**
 * What a restore of a validator's disk will do.
 *
 * @param wanted name of a snapshot. @default the newest that is ready
 * @throws RestoreRefusedError without a snapshot or key to restore from, or when the others are no quorum, ceil(2N/3)
 */
export function planRestore(facts: RestoreFacts, wanted?: string): RestorePlan {
  const { region, ordinal, validators, othersReady, nowMs } = facts;
  const validator = `validator ${ordinal} in ${region}`;
  const snapshot = chooseSnapshot(facts, wanted);
  if (!facts.keyKept) {
    throw new RestoreRefusedError(`The vault of ${region} has no key of ${validator}: it would come back as nobody.`, {
      hint: `Deleted within 90 days: az keyvault secret recover --name validator-${ordinal}-key, from the region's network. Else write it anew from the state: npx pulumi up --target '**::${region}-validator-${ordinal}-key-secret'`,
    });
  }
  const needed = quorum(validators);
  if (othersReady < needed) {
    throw new RestoreRefusedError(
      `Without ${validator} ${othersReady} of ${validators} validators are ready; the chain needs ${needed}, ceil(2N/3).`,
      { hint: "Bring others back first: npx meridian status" },
    );
  }
  return {
    ...{ region, ordinal, snapshot },
    ageSeconds: Math.max(0, Math.round((nowMs - snapshot.takenAtMs) / 1000)),
    steps: [
      `stop ${validator}; ${othersReady} of ${validators} stay, ${needed} are needed`,
      `keep its disk, and make a new one of the snapshot ${snapshot.name}`,
      "start it: its pod mounts the key from the vault anew",
      "wait until it is in sync, signs under the same account and has its peers",
    ],
  };
}

function chooseSnapshot({ region, ordinal, snapshots }: RestoreFacts, wanted: string | undefined): DiskSnapshot {
  const ready = snapshots.filter((one) => one.ready).sort((a, b) => b.takenAtMs - a.takenAtMs);
  const [newest] = ready;
  if (newest === undefined) {
    throw new RestoreRefusedError(`There is no ready snapshot of validator ${ordinal} in ${region}.`, {
      hint: "meridian:snapshots takes them on a schedule (docs/configuration.md); without one, let it fetch the chain anew.",
    });
  }
  const chosen = wanted === undefined ? newest : snapshots.find(({ name }) => name === wanted);
  if (chosen?.ready === true) return chosen;
  const why = chosen === undefined ? "is not there" : "is not ready";
  throw new RestoreRefusedError(`The snapshot ${wanted ?? ""} ${why}.`, {
    hint: `Allowed: ${ready.map(({ name }) => name).join(", ")}.`,
  });
}
