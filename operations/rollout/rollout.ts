import { manyListeners } from "../abort";
import { quorum } from "../../regions/quorum";
import { placementOf } from "../regions/network";
import { diagnose, restartTogether } from "../regions/recover";
import { fleetStatus } from "../regions/status";
import type { FleetStatus } from "../regions/fleet-status";
import { type Expectation, marginProblems, problemsOf } from "./health";
import { isOver, type RecordFile, regionsOf, type RolloutRecord, type RolloutWave } from "./record";
import type { RolloutTarget } from "./target";

export interface RolloutOptions {
  /** How long a wave may take to become healthy, and its regions' clusters to answer, in milliseconds. */
  readonly settleMs: number;
  /** Between two looks, in milliseconds. @default 10,000 */
  readonly pollMs?: number;
  /** For each region to answer a look, in milliseconds. @default 30,000 */
  readonly lookMs?: number;
  readonly signal?: AbortSignal;
  readonly onStep: (text: string) => void;
}

/** Looks in a row that may find something during the soak, before it counts: one that was not answered is none. */
const BAD_LOOKS = 3;

/**
 * Does what is left of a rollout, wave after wave; the next begins only when the one before is healthy and has stayed so.
 * The record is written before and after each wave, so that whatever ends the process leaves something to go on with.
 *
 * @returns the record as it stands at the end
 */
export async function runRollout(
  target: RolloutTarget,
  file: RecordFile,
  start: RolloutRecord,
  options: RolloutOptions,
): Promise<RolloutRecord> {
  let record = start;
  const note = (at: number, change: Partial<RolloutWave>): void => {
    record = { ...record, waves: record.waves.map((wave, i) => (i === at ? { ...wave, ...change } : wave)) };
    file.write(record);
  };
  const upgraded = start.waves.some(({ restarting }) => restarting > 0);
  const interrupted = () => options.signal?.aborted === true;
  for (const [at, wave] of record.waves.entries()) {
    if (wave.state === "done" || wave.state === "kept") continue;
    if (interrupted()) return record;
    options.onStep(`wave ${at + 1} of ${record.waves.length}: ${describeWave(wave)}`);
    note(at, { state: "running", problems: [] });
    const runner = new WaveRunner(target, record, at, upgraded, options);
    const problems = await runner.run();
    if (interrupted()) return record;
    if (problems.length === 0) {
      note(at, { state: "done" });
      continue;
    }
    for (const problem of problems) options.onStep(`  ${problem}`);
    note(at, { state: "failed", problems });
    if (record.onFailure === "rollback") {
      options.onStep(`rolling wave ${at + 1} back`);
      const { succeeded, failures } = await target.rollBack(wave, record.previous ?? {});
      const left = failures.map(({ where, what }) => `rollback: ${where}: ${what}`);
      note(at, succeeded ? { state: "rolled back" } : { problems: [...problems, ...left] });
    }
    if (record.onFailure !== "keep" || !(await runner.mayGoOn())) return record;
    note(at, { state: "kept" });
    options.onStep(`wave ${at + 1} stays as it is, and the chain is well: going on`);
  }
  if (isOver(record) && record.waves.every(({ state }) => state === "done")) file.remove();
  return record;
}

/** `japaneast, uksouth (4 validators restart)` */
export function describeWave({ kind, steps, restarting, joining }: Omit<RolloutWave, "state" | "problems">): string {
  if (kind === "global") return "what all regions share";
  if (kind === "contracts") return "contracts, and whatever is left";
  const sizes = new Map<string, readonly number[]>(steps.map(({ region, ordinals }) => [region, ordinals]));
  const names = [...sizes.keys()].join(", ");
  const what = restarting > 0 ? `${restarting} ${plural(restarting)} may restart` : `${joining} ${plural(joining)} new`;
  return `${names} (${what})`;
}

const plural = (count: number): string => (count === 1 ? "validator" : "validators");

/** One wave: begun when enough stay ready, deployed, waited for, watched. */
class WaveRunner {
  private readonly wave: RolloutWave;
  /** Regions with validators, this wave's included. */
  private readonly asked: readonly string[];
  private readonly blocks: boolean;
  private readonly own: readonly string[];
  private restartedAll = false;
  /** The newest look. */
  private seen: FleetStatus | undefined;

  constructor(
    private readonly target: RolloutTarget,
    private readonly record: RolloutRecord,
    at: number,
    /** Whether a chain lives already, outside of the waves so far. */
    upgraded: boolean,
    private readonly options: RolloutOptions,
  ) {
    const wave = record.waves[at];
    if (wave === undefined) throw new Error(`There is no wave ${at}.`);
    this.wave = wave;
    this.own = regionsOf(wave);
    const so = record.waves.filter((one, i) => i <= at || one.restarting > 0).flatMap(regionsOf);
    this.asked = [...new Set(so)];
    const placement = placementOf(target.machinery.network);
    const total = placement.reduce((sum, { validators }) => sum + validators, 0);
    const there = placement.filter(({ name }) => this.asked.includes(name));
    this.blocks = upgraded || there.reduce((sum, { validators }) => sum + validators, 0) >= quorum(total);
  }

  /** @returns what is wrong, in words; empty when the wave is healthy */
  async run(): Promise<string[]> {
    const { onStep } = this.options;
    const before = this.wave.restarting > 0 ? await this.untilEnoughStay() : { problems: [], head: null };
    if (before.problems.length > 0) return before.problems;
    const { succeeded, failures } = await this.target.deploy(this.wave);
    if (!succeeded) {
      const told = failures.map(({ where, what, action }) => `${where}: ${what} ${action}`);
      return told.length > 0 ? told : ["the engine failed; its own output says why"];
    }
    if (this.wave.kind !== "regions") return [];
    onStep("  deployed");
    if (!this.blocks)
      onStep("  no quorum is deployed yet, so no block can come: waiting for validators and their peers");
    const expected = this.expectation(before.head);
    const late = await this.untilHealthy(expected);
    return late.length > 0 ? late : this.soak(expected);
  }

  /** Whether the chain, as far as it can live yet, is well enough for another wave. */
  async mayGoOn(): Promise<boolean> {
    const status = await this.look();
    return problemsOf(status, { ...this.expectation(null), regions: [] }).length === 0;
  }

  private expectation(headBefore: number | null): Expectation {
    const { network } = this.target.machinery;
    const { blockPeriodSeconds, requestTimeoutSeconds } = network;
    return { regions: this.own, blocks: this.blocks, headBefore, blockPeriodSeconds, requestTimeoutSeconds };
  }

  private async look(): Promise<FleetStatus> {
    const { machinery } = this.target;
    const regions = machinery.network.regions.filter(({ name }) => this.asked.includes(name));
    const { signal, lookMs = 30_000 } = this.options;
    const { status } = await fleetStatus(machinery, regions, { timeoutMs: lookMs, ...(signal && { signal }) });
    return (this.seen = status);
  }

  private untilEnoughStay(): Promise<{ readonly problems: string[]; readonly head: number | null }> {
    return this.until(async () => {
      const status = await this.look();
      return { problems: marginProblems(status, this.own, this.wave.restarting), head: status.head };
    });
  }

  private async untilHealthy(expected: Expectation): Promise<string[]> {
    let first: FleetStatus | undefined;
    const { problems } = await this.until(async (again) => {
      const status = await this.look();
      first ??= status;
      if (again) await this.helpUp(status);
      const headBefore = expected.headBefore ?? (again ? (first.head ?? null) : Infinity);
      return { problems: problemsOf(status, { ...expected, headBefore }) };
    });
    return problems;
  }

  /** Validators that were up without a quorum are in late rounds: together at round 0 they meet at once. */
  private async helpUp(status: FleetStatus): Promise<void> {
    const { network } = this.target.machinery;
    if (!this.blocks || this.restartedAll || diagnose(status, network).kind !== "restart") return;
    this.restartedAll = true;
    this.options.onStep("  a quorum answers and its rounds have climbed: all validators are restarted together");
    const regions = network.regions.filter(({ name }) => this.asked.includes(name));
    await restartTogether(this.target.machinery, regions, this.options.signal ?? manyListeners().signal);
  }

  private async soak(expected: Expectation): Promise<string[]> {
    const { signal, pollMs = 10_000, onStep } = this.options;
    const { soakMs } = this.record;
    onStep(`  healthy${this.height()}; it is watched for ${soakMs / 1000} s`);
    let bad = 0;
    let problems: string[] = [];
    for (let waited = 0; waited < soakMs && signal?.aborted !== true; waited += pollMs) {
      await this.target.wait(Math.min(pollMs, soakMs - waited), signal);
      problems = problemsOf(await this.look(), expected);
      bad = problems.length === 0 ? 0 : bad + 1;
      if (bad >= BAD_LOOKS) return problems;
    }
    const end = bad > 0 ? await this.untilHealthy(expected) : [];
    if (end.length === 0) onStep(`  still healthy${this.height()}`);
    return end;
  }

  private height(): string {
    const { head, ready } = this.seen ?? { head: null, ready: 0 };
    return head === null || !this.blocks ? `: ${ready} ${plural(ready)} ready` : ` at block ${head}`;
  }

  /** Looks until nothing is wrong; at most as long as a wave may take. */
  private async until<T extends { readonly problems: string[] }>(look: (again: boolean) => Promise<T>): Promise<T> {
    const { settleMs, pollMs = 10_000, signal } = this.options;
    for (let waited = 0; ; waited += pollMs) {
      const found = await look(waited > 0);
      if (found.problems.length === 0 || waited >= settleMs || signal?.aborted === true) return found;
      await this.target.wait(pollMs, signal);
    }
  }
}
