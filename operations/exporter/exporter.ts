import { quorum } from "../../regions/quorum";
import { limit } from "../abort";
import type { OperatedValidator } from "../regions/network";
import type { ValidatorReport, Validators } from "../regions/validators";
import { type Checkpoint, checkpointBlocks, checkpointsAt, forkedAt } from "./checkpoints";
import type { ExpirySource } from "./expiry";
import { type BlockHeader, MOST_HEADERS, readHeaders } from "./headers";
import { type BlockFacts, ChainLedger } from "./ledger";
import { ExporterMetrics } from "./metrics";

/** Blocks before the newest from which a ledger begins, so that each of 48 validators has had its turn. */
const HISTORY = 128;

/** Blocks that one poll reads at most: after a long silence it catches up poll by poll. */
const MOST_BLOCKS = 4 * MOST_HEADERS;

/** Blocks that a ready validator may be behind, as in `meridian status`. */
const LAG_LIMIT = 3;

/** Between two looks at what expires. */
const EXPIRY_MS = 3_600_000;

/** For each kind of question: what hangs keeps nothing else from being asked. */
const ASK_TIMEOUT_MS = 5_000;

export interface ExporterOptions {
  readonly validators: readonly OperatedValidator[];
  readonly blockPeriodSeconds: number;
  /** How validators are asked. */
  readonly side: Pick<Validators, "report">;
  /** How blocks are read. @default readHeaders */
  readonly headers?: typeof readHeaders;
  /** What tells of certificates and keys that end. @default nothing */
  readonly expiries?: readonly ExpirySource[];
  /** For each kind of question of a poll, in milliseconds. @default 5,000 */
  readonly askTimeoutMs?: number;
  /** Milliseconds of the epoch. @default Date.now */
  readonly now?: () => number;
}

/** Watches validators by reading alone, and keeps what it saw as metrics. */
export class Exporter {
  readonly metrics = new ExporterMetrics();
  private readonly options: Required<ExporterOptions>;
  private ledger: ChainLedger | undefined;
  /** The newest block when the exporter began: what was before counts for no counter, or a restart would count it twice. */
  private began = 0;
  /** By validator, what it had at the newest checkpoints. */
  private readonly checkpoints = new Map<OperatedValidator, Checkpoint[]>();
  private expiriesReadMs = -Infinity;
  /** Whether the last poll had an answer; before the first, not. */
  private answered = false;

  constructor(options: ExporterOptions) {
    this.options = {
      ...{ headers: readHeaders, expiries: [], askTimeoutMs: ASK_TIMEOUT_MS, now: Date.now },
      ...options,
    };
  }

  /** Whether a validator answered the last poll. */
  get ready(): boolean {
    return this.answered;
  }

  /** Asks every validator once, and reads the blocks that are new. What does not answer is part of the metrics. */
  async poll(signal?: AbortSignal): Promise<void> {
    const { metrics } = this;
    const reports = await this.limited(signal, (inner) => this.askAll(inner));
    this.answered = reports.length > 0;
    this.describe(reports);
    const read = await this.limited(signal, (inner) => this.readBlocks(reports, inner));
    await this.limited(signal, (inner) => this.readCheckpoints(reports, inner));
    metrics.count("meridian_exporter_polls_total", 1, { result: this.answered && read ? "complete" : "partial" });
    await this.limited(signal, (inner) => this.readExpiries(inner));
    metrics.set("meridian_exporter_last_poll_timestamp_seconds", this.options.now() / 1000);
  }

  private async limited<T>(outer: AbortSignal | undefined, ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { signal, dispose } = limit(this.options.askTimeoutMs, outer);
    return ask(signal).finally(dispose);
  }

  private async askAll(signal: AbortSignal): Promise<Answer[]> {
    const { validators, side } = this.options;
    const ask = async (validator: OperatedValidator): Promise<Answer[]> => {
      try {
        return [{ validator, report: await side.report(validator, 1, signal) }];
      } catch {
        return []; // it is down, starting, or too busy
      }
    };
    return (await Promise.all(validators.map(ask))).flat();
  }

  private describe(answers: readonly Answer[]): void {
    const { metrics } = this;
    const head = Math.max(0, ...answers.map(({ report }) => report.head.number));
    for (const name of ["meridian_validator_info", "meridian_validator_head", "meridian_validator_peers"] as const) {
      metrics.reset(name);
    }
    for (const validator of this.options.validators) {
      const labels = labelsOf(validator);
      const report = answers.find((answer) => answer.validator === validator)?.report;
      const ready = report !== undefined && !report.syncing && head - report.head.number <= LAG_LIMIT;
      metrics.set("meridian_validator_up", report === undefined ? 0 : 1, labels);
      metrics.set("meridian_validator_ready", ready ? 1 : 0, labels);
      if (report === undefined) continue;
      const { address = "unknown", version, genesisHash: genesis } = report;
      metrics.set("meridian_validator_head", report.head.number, labels);
      metrics.set("meridian_validator_peers", report.peers, labels);
      metrics.set("meridian_validator_info", 1, { ...labels, address, version: shortVersion(version), genesis });
    }
  }

  /** @returns whether the ledger is at the newest block now */
  private async readBlocks(answers: readonly Answer[], signal: AbortSignal): Promise<boolean> {
    const byHead = [...answers].sort((a, b) => b.report.head.number - a.report.head.number);
    const head = byHead[0]?.report.head.number;
    if (head === undefined) return false;
    for (const { validator } of byHead) {
      try {
        await this.readFrom(validator, head, signal);
        break;
      } catch {
        // The next one may have what this one does not tell.
      }
    }
    return this.ledger?.height === head;
  }

  private async readFrom({ url }: OperatedValidator, head: number, signal: AbortSignal): Promise<void> {
    const { headers } = this.options;
    if (this.ledger === undefined) {
      const [before] = await headers(url, [Math.max(0, head - HISTORY)], signal);
      if (before === undefined) return;
      this.began = head;
      this.ledger = new ChainLedger(before);
      this.enrol(this.ledger);
    }
    const { ledger } = this;
    const until = Math.min(head, ledger.height + MOST_BLOCKS);
    while (ledger.height < until) {
      const count = Math.min(MOST_HEADERS, until - ledger.height);
      const from = ledger.height + 1;
      const blocks = await headers(
        url,
        Array.from({ length: count }, (_, i) => from + i),
        signal,
      );
      if (blocks.length === 0) return;
      for (const block of blocks) this.record(ledger, block);
    }
  }

  private record(ledger: ChainLedger, block: BlockHeader): void {
    const { metrics } = this;
    const facts = ledger.add(block);
    if (block.number > this.began) this.countBlock(facts);
    metrics.set("meridian_last_proposed_block", facts.number, { validator: facts.proposer });
    if (facts.added.length > 0) this.enrol(ledger);
    metrics.set("meridian_chain_head", block.number);
    metrics.set("meridian_chain_head_timestamp_seconds", block.timestampMs / 1000);
    metrics.set("meridian_chain_validators", block.validators.length);
    metrics.set("meridian_chain_quorum", quorum(block.validators.length));
  }

  private countBlock({ round, number, intervalSeconds, proposer, missed, added, removed }: BlockFacts): void {
    const { metrics } = this;
    metrics.count("meridian_blocks_total");
    metrics.count("meridian_block_rounds_total", round);
    // The genesis block's time is no block's.
    if (number > 1) metrics.observe("meridian_block_interval_seconds", intervalSeconds);
    for (const validator of missed) metrics.count("meridian_missed_proposals_total", 1, { validator });
    metrics.count("meridian_proposed_blocks_total", 1, { validator: proposer });
    metrics.count("meridian_validator_set_changes_total", added.length, { change: "added" });
    metrics.count("meridian_validator_set_changes_total", removed.length, { change: "removed" });
  }

  /** A validator's counters begin at 0, so that the first thing it misses is seen. */
  private enrol(ledger: ChainLedger): void {
    for (const change of ["added", "removed"]) {
      this.metrics.count("meridian_validator_set_changes_total", 0, { change });
    }
    for (const validator of ledger.validators) {
      this.metrics.count("meridian_proposed_blocks_total", 0, { validator });
      this.metrics.count("meridian_missed_proposals_total", 0, { validator });
    }
  }

  private async readCheckpoints(answers: readonly Answer[], signal: AbortSignal): Promise<void> {
    const { blockPeriodSeconds, headers } = this.options;
    const every = checkpointBlocks(blockPeriodSeconds);
    const read = async ({ validator, report }: Answer): Promise<void> => {
      const wanted = checkpointsAt(report.head.number, every);
      const known = (this.checkpoints.get(validator) ?? []).filter(({ number }) => wanted.includes(number));
      const missing = wanted.filter((number) => !known.some((one) => one.number === number));
      const found = await headers(validator.url, missing, signal).catch(() => []);
      this.checkpoints.set(validator, [...known, ...found.map(({ number, hash }) => ({ number, hash }))]);
    };
    await Promise.all(answers.map(read));
    this.metrics.reset("meridian_checkpoint_info");
    for (const [validator, checkpoints] of this.checkpoints) {
      for (const { number, hash } of checkpoints) {
        this.metrics.set("meridian_checkpoint_info", 1, { ...labelsOf(validator), number, hash });
      }
    }
    this.metrics.set("meridian_forked_checkpoints", forkedAt([...this.checkpoints.values()].flat()).length);
  }

  private async readExpiries(signal: AbortSignal): Promise<void> {
    const { expiries, now } = this.options;
    if (expiries.length === 0 || now() - this.expiriesReadMs < EXPIRY_MS) return;
    const found = await Promise.allSettled(expiries.map((source) => source(signal)));
    // What cannot be read now keeps its last word, and is asked for again with the next poll.
    if (found.every(({ status }) => status === "fulfilled")) this.expiriesReadMs = now();
    for (const outcome of found) {
      if (outcome.status === "rejected") continue;
      for (const { region, name, atMs } of outcome.value) {
        this.metrics.set("meridian_expiry_timestamp_seconds", atMs / 1000, { region, name });
      }
    }
  }
}

interface Answer {
  readonly validator: OperatedValidator;
  readonly report: ValidatorReport;
}

const labelsOf = ({ region, ordinal }: OperatedValidator) => ({ region, ordinal });

/** `v26.8.0` of `besu/v26.8.0/linux-x86_64/…`. */
const shortVersion = (version: string): string => version.split("/")[1] ?? version;
