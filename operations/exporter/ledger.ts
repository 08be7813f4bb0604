import type { Address } from "viem";

import { missedProposers } from "../../besu/proposers";
import type { BlockHeader } from "./headers";

/** What a validator has done since the ledger began. */
export interface ProposerRecord {
  readonly proposed: number;
  /** Turns that it had and that did not become a block. */
  readonly missed: number;
  /** Number of its newest block; undefined when it made none. */
  readonly lastProposed: number | undefined;
}

/** What one more block adds. */
export interface BlockFacts {
  readonly number: number;
  readonly proposer: Address;
  /** One entry a turn. */
  readonly missed: readonly Address[];
  readonly round: number;
  /** Since the block before it. */
  readonly intervalSeconds: number;
  readonly added: readonly Address[];
  readonly removed: readonly Address[];
}

/**
 * Reads a chain block by block: who proposed, who had its turn and did not, how many rounds it took, and how the set of
 * validators changed. Its proposals are those of `qbft_getSignerMetrics` over the same blocks, from headers alone: the
 * validators' own RPC has no QBFT, with which one could vote. QBFT is final at once, so no block is ever taken back.
 */
export class ChainLedger {
  private last: BlockHeader;
  private readonly records = new Map<Address, ProposerRecord>();

  /** @param before the block before the first that counts; the genesis block will do */
  constructor(before: BlockHeader) {
    this.last = before;
    this.enrol(before.validators);
  }

  /** Number of the newest block read. */
  get height(): number {
    return this.last.number;
  }

  /** The validators of the newest block read, ascending. */
  get validators(): readonly Address[] {
    return this.last.validators;
  }

  /** Of every validator that there was since the ledger began. */
  get proposers(): ReadonlyMap<Address, ProposerRecord> {
    return this.records;
  }

  /** @throws Error for a block that is not the next one */
  add(block: BlockHeader): BlockFacts {
    const { last } = this;
    if (block.number !== last.number + 1) {
      throw new Error(`Block ${block.number} does not follow block ${last.number}.`);
    }
    const missed = missedProposers(block.validators, last.proposer, block.proposer, block.round);
    const facts = {
      ...{ number: block.number, proposer: block.proposer, missed, round: block.round },
      intervalSeconds: (block.timestampMs - last.timestampMs) / 1000,
      added: block.validators.filter((address) => !last.validators.includes(address)),
      removed: last.validators.filter((address) => !block.validators.includes(address)),
    };
    this.enrol(block.validators);
    for (const address of missed)
      this.record(address, ({ missed: turns, ...rest }) => ({ ...rest, missed: turns + 1 }));
    this.record(block.proposer, (record) => ({
      ...record,
      proposed: record.proposed + 1,
      lastProposed: block.number,
    }));
    this.last = block;
    return facts;
  }

  private enrol(validators: readonly Address[]): void {
    for (const address of validators) this.record(address, (record) => record);
  }

  private record(address: Address, change: (record: ProposerRecord) => ProposerRecord): void {
    const known = this.records.get(address) ?? { proposed: 0, missed: 0, lastProposed: undefined };
    this.records.set(address, change(known));
  }
}
