import { limit } from "../abort";
import type { OperatedValidator } from "../regions/network";
import type { ValidatorReport, Validators } from "../regions/validators";
import { pause } from "../regions/watch";
import { type DiskSnapshot, planRestore, type RestorePlan } from "./restore-plan";

/** What a restore does to a validator. Every call ends early, with an error, when its signal says so. */
export interface RestoreSide {
  readonly snapshots: (validator: OperatedValidator, signal: AbortSignal) => Promise<readonly DiskSnapshot[]>;
  /** Whether the vault has the validator's key; its value is not read. */
  readonly keyKept: (validator: OperatedValidator, signal: AbortSignal) => Promise<boolean>;
  /** Until its process has ended. */
  readonly stop: (validator: OperatedValidator, signal: AbortSignal) => Promise<void>;
  /**
   * Puts a disk made of the snapshot in the place of its disk, which is kept. Done twice, it does nothing more.
   * @returns what the old disk is called
   */
  readonly swapDisk: (validator: OperatedValidator, snapshot: DiskSnapshot, signal: AbortSignal) => Promise<string>;
  /** Its key comes from the vault. */
  readonly start: (validator: OperatedValidator, signal: AbortSignal) => Promise<void>;
}

export interface RestoreOptions {
  readonly validators: Pick<Validators, "report">;
  /** All validators of the network. */
  readonly all: readonly OperatedValidator[];
  /** For the whole of it, in milliseconds. */
  readonly timeoutMs: number;
  /** Between two looks, in milliseconds. @default 1,000 */
  readonly pollMs?: number;
  readonly signal?: AbortSignal;
  readonly onStep?: (text: string) => void;
}

export interface RestoreResult {
  /** Its newest block when it was first seen again, and when it was in sync. */
  readonly cameBackAt: number;
  readonly inSyncAt: number;
  /** What the disk is called that was replaced. */
  readonly oldDisk: string;
  readonly seconds: number;
}

/** Blocks that a validator in sync may be behind. */
const LAG_LIMIT = 2;

/**
 * Looks at the network, and plans.
 *
 * @param wanted name of a snapshot. @default the newest that is ready
 * @returns the plan, and the account that the validator signs with; undefined when it does not answer
 * @throws RestoreRefusedError for a restore that must not begin
 */
export async function lookBeforeRestore(
  side: Pick<RestoreSide, "snapshots" | "keyKept">,
  validator: OperatedValidator,
  { validators, all, timeoutMs, signal: outer }: Pick<RestoreOptions, "validators" | "all" | "timeoutMs" | "signal">,
  wanted?: string,
): Promise<{ readonly plan: RestorePlan; readonly account: string | undefined }> {
  const limited = limit(timeoutMs, outer);
  const { signal } = limited;
  try {
    const [snapshots, keyKept, reports] = await Promise.all([
      side.snapshots(validator, signal),
      side.keyKept(validator, signal),
      Promise.all(all.map((one) => validators.report(one, 1, signal).catch(() => undefined))),
    ]);
    const head = Math.max(0, ...reports.map((report) => report?.head.number ?? 0));
    const ready = (report: ValidatorReport | undefined): boolean =>
      report !== undefined && !report.syncing && head - report.head.number <= LAG_LIMIT;
    const othersReady = reports.filter((report, i) => all[i] !== validator && ready(report)).length;
    const { region, ordinal } = validator;
    const facts = { region, ordinal, snapshots, keyKept, othersReady, validators: all.length, nowMs: Date.now() };
    return { plan: planRestore(facts, wanted), account: reports[all.indexOf(validator)]?.address };
  } finally {
    limited.dispose();
  }
}

/**
 * Does what a plan says. Stopped half-way it can be run again: it goes on where it was.
 *
 * @param account that the validator signed with before; undefined when it did not answer then
 * @throws Error when a step fails, when it is not in sync in time, or when it comes back under another account
 */
export async function restoreValidator(
  side: RestoreSide,
  plan: RestorePlan,
  validator: OperatedValidator,
  account: string | undefined,
  options: RestoreOptions,
): Promise<RestoreResult> {
  const { onStep = () => undefined, timeoutMs } = options;
  const limited = limit(timeoutMs, options.signal);
  const { signal } = limited;
  const began = performance.now();
  try {
    onStep("stopping it");
    await side.stop(validator, signal);
    onStep(`making a disk of ${plan.snapshot.name}`);
    const oldDisk = await side.swapDisk(validator, plan.snapshot, signal);
    onStep("starting it");
    await side.start(validator, signal);
    onStep("waiting until it is in sync");
    const { first, last } = await whenInSync(validator, options, signal);
    if (account !== undefined && last.address !== account) {
      throw new Error(`It came back as ${last.address ?? "nobody"}, and was ${account}: the vault has another key.`);
    }
    const seconds = (performance.now() - began) / 1000;
    return { cameBackAt: first.head.number, inSyncAt: last.head.number, oldDisk, seconds };
  } finally {
    limited.dispose();
  }
}

async function whenInSync(
  validator: OperatedValidator,
  { validators, all, pollMs = 1_000 }: RestoreOptions,
  signal: AbortSignal,
): Promise<{ readonly first: ValidatorReport; readonly last: ValidatorReport }> {
  const others = all.filter((one) => one !== validator);
  const ask = (one: OperatedValidator) => validators.report(one, 1, signal).catch(() => undefined);
  let first: ValidatorReport | undefined;
  for (;;) {
    signal.throwIfAborted();
    const [own, ...reports] = await Promise.all([validator, ...others].map(ask));
    const seen = reports.filter((report) => report !== undefined);
    first ??= own;
    if (own !== undefined && first !== undefined && seen.length > 0) {
      const head = Math.max(...seen.map((report) => report.head.number));
      const genesis = seen[0]?.genesisHash;
      if (own.genesisHash !== genesis)
        throw new Error("It came back with another genesis: the snapshot is another chain's.");
      const lag = head - own.head.number;
      if (!own.syncing && lag <= LAG_LIMIT && own.peers >= seen.length) return { first, last: own };
    }
    await pause(pollMs, signal);
  }
}
