import { createHash } from "node:crypto";

import { type Address, type Hex, numberToHex, toRlp } from "viem";

import { climbSeconds } from "../../besu/rounds";
import { quorum } from "../../regions/quorum";

export interface ChainOptions {
  /** Accounts of all validators; whose turn it is goes round in their order. */
  readonly validators: readonly Address[];
  readonly blockPeriodMs: number;
  readonly requestTimeoutMs: number;
  /** When the genesis block was made, in milliseconds of the epoch. */
  readonly genesisMs: number;
}

/** A block's header, as far as anybody here looks at it. */
export interface Block {
  readonly number: number;
  readonly hash: Hex;
  readonly timestampMs: number;
  readonly proposer: Address;
  readonly extraData: Hex;
}

/** Blocks that are kept besides the first. */
const KEPT = 4096;

/**
 * QBFT as far as time tells it: a block each period while a quorum is up, a timeout for each proposer in a row that is
 * not, and rounds that climb while there is none (besu/rounds.ts). Blocks appear when they are asked for, so it needs no
 * timer. Times are milliseconds of the epoch, and never go back.
 */
export class SimulatedChain {
  /** Since or from when each works, in the set or not; Infinity for one that is down. */
  private readonly upFrom: Map<Address, number>;
  /** The set: whose turn it is goes round in their order. */
  private members: readonly Address[];
  private readonly first: Block;
  private readonly blocks: Block[];

  constructor(private readonly options: ChainOptions) {
    this.upFrom = new Map(options.validators.map((address) => [address, -Infinity]));
    this.members = options.validators;
    this.first = this.block(0, options.genesisMs, 0, 0);
    this.blocks = [this.first];
  }

  /** From `fromMs` on the validator works; Infinity takes it down at `nowMs`. */
  set(validator: Address, fromMs: number, nowMs: number): void {
    this.advance(nowMs);
    this.upFrom.set(validator, fromMs);
  }

  isUp(validator: Address, nowMs: number): boolean {
    return this.fromOf(validator) <= nowMs;
  }

  /** Nodes that work, in the set or not. */
  up(nowMs: number): number {
    return [...this.upFrom.values()].filter((from) => from <= nowMs).length;
  }

  /** The set of validators. */
  get validators(): readonly Address[] {
    return this.members;
  }

  /** Who makes the blocks from now on. @param members at least one, of those that the chain was made with */
  elect(members: readonly Address[], nowMs: number): void {
    this.advance(nowMs);
    this.members = this.options.validators.filter((address) => members.includes(address));
  }

  /** The newest block. */
  head(nowMs: number): Block {
    this.advance(nowMs);
    return this.blocks.at(-1) ?? this.first;
  }

  at(number: number, nowMs: number): Block | undefined {
    const { number: newest } = this.head(nowMs);
    if (number === 0) return this.first;
    return number > newest ? undefined : this.blocks[this.blocks.length - 1 - (newest - number)];
  }

  private fromOf(validator: Address | undefined): number {
    return (validator === undefined ? undefined : this.upFrom.get(validator)) ?? Infinity;
  }

  private advance(nowMs: number): void {
    for (let next = this.next(); next.timestampMs <= nowMs; next = this.next()) {
      this.blocks.push(next);
      if (this.blocks.length > KEPT) this.blocks.shift();
    }
  }

  /** The block that comes next if nobody goes up or down; at Infinity if none comes. */
  private next(): Block {
    const { blockPeriodMs: period, requestTimeoutMs: timeout } = this.options;
    const validators = this.members;
    const upFrom = validators.map((address) => this.fromOf(address));
    const head = this.blocks.at(-1) ?? this.first;
    const order = [...upFrom].sort((a, b) => a - b);
    const quorumFrom = order[quorum(validators.length) - 1] ?? Infinity;
    const number = head.number + 1;
    if (quorumFrom <= head.timestampMs + period) {
      // Each proposer in a row that is down costs its round's timeout.
      let wait = period;
      let round = 0;
      while ((upFrom[(number + round) % validators.length] ?? Infinity) > head.timestampMs + wait) {
        wait += timeout * 2 ** round;
        round += 1;
      }
      return this.block(number, head.timestampMs + wait, number + round, round);
    }
    // The quorum was lost: those that were up have climbed since, and the others must climb as far.
    const climbing = Math.max(head.timestampMs, order[0] ?? Infinity);
    const halt = Math.max(0, quorumFrom - climbing) / 1000;
    const climb = Number.isFinite(halt) ? climbSeconds(halt, timeout / 1000) * 1000 : Infinity;
    const at = quorumFrom + Math.max(period, climb);
    const proposer = upFrom.findIndex((from) => from <= at);
    return this.block(number, at, proposer, Math.round(Math.log2(climb / timeout + 1)));
  }

  private block(number: number, timestampMs: number, turn: number, round: number): Block {
    const validators = this.members;
    const proposer = validators[turn % validators.length] ?? "0x0000000000000000000000000000000000000000";
    const digest = createHash("sha256").update(`${validators.join()}/${number}/${timestampMs}/${round}`).digest("hex");
    const hash: Hex = `0x${digest}`;
    const extraData = toRlp([
      `0x${"00".repeat(32)}`,
      [...validators],
      [],
      round > 0 && Number.isFinite(round) ? numberToHex(round, { size: 2 }) : "0x",
      [],
    ]);
    return { number, hash, timestampMs, proposer, extraData };
  }
}
