import type { AccessedValue, BlockAccessList, BlockInput, Field } from "./block";
import type { ExecutedBlock, ExecutorOptions } from "./executor";
import { SequentialExecutor } from "./sequential";
import type { Hex } from "./state/hex";
import type { StateView, TransactionWrites } from "./transaction/state-view";
import { written } from "./transaction/state-view";

/** What one transaction used: gas, and what it read and wrote. */
export interface TransactionAccess {
  readonly gasUsed: bigint;
  /** Things whose value it depends on. */
  readonly reads: ReadonlySet<string>;
  /** Things that it changed, with a value of its own. */
  readonly writes: ReadonlySet<string>;
  /** Balances that it added to without looking: no order among such (docs/execution.md). */
  readonly credits: ReadonlySet<string>;
}

export interface RecordedBlock {
  readonly executed: ExecutedBlock;
  readonly accessList: BlockAccessList;
  readonly accesses: readonly TransactionAccess[];
}

/**
 * Executes a block in order and writes down what each transaction read and wrote, as a proposer does for EIP-7928.
 * @throws {InvalidBlockError}
 */
export async function recordAccessList(options: ExecutorOptions, block: BlockInput): Promise<RecordedBlock> {
  const accessList: AccessedValue[][] = [];
  const accesses: TransactionAccess[] = [];
  let view: RecordingView | undefined;
  const executed = await new SequentialExecutor(options).execute(block, {
    view: (_index, below) => (view = new RecordingView(below)),
    done: (index, writes, gasUsed, before) => {
      const account = (address: Hex) => before.account(address);
      accessList[index] = [...valuesOf(writes, account)];
      const credits = new Set<string>();
      for (const [address, { credit }] of writes.accounts)
        if (credit !== undefined) credits.add(keyOf("balance", address));
      const changed = accessList[index].map(({ field, address, slot }) => keyOf(field, address, slot));
      const reads = view?.reads ?? new Set<string>();
      accesses[index] = { gasUsed, reads, writes: new Set(changed.filter((key) => !credits.has(key))), credits };
    },
  });
  return { executed, accessList, accesses };
}

/** A name of one thing of the state. */
export const keyOf = (field: Field, address: Hex, slot: Hex | "" = ""): string => `${field} ${address} ${slot}`;

function* valuesOf(
  { accounts, storage }: TransactionWrites,
  before: (address: Hex) => Parameters<typeof written>[0],
): Generator<AccessedValue> {
  for (const [address, write] of accounts) {
    const was = before(address);
    const now = written(was, write);
    if (now.balance !== (was?.balance ?? 0n)) yield { address, field: "balance", value: now.balance };
    if (now.nonce !== (was?.nonce ?? 0n)) yield { address, field: "nonce", value: now.nonce };
    if (write.codeHash !== undefined) yield { address, field: "code", value: BigInt(now.codeHash) };
  }
  for (const [address, slots] of storage)
    for (const [slot, value] of slots) yield { address, field: "storage", slot, value };
}

/** Notes what is read through it. */
class RecordingView implements StateView {
  readonly reads = new Set<string>();

  constructor(private readonly below: StateView) {}

  balance(address: Hex): bigint {
    this.reads.add(keyOf("balance", address));
    return this.below.balance(address);
  }
  nonce(address: Hex): bigint {
    this.reads.add(keyOf("nonce", address));
    return this.below.nonce(address);
  }
  codeHash(address: Hex): Hex {
    this.reads.add(keyOf("code", address));
    return this.below.codeHash(address);
  }
  storage(address: Hex, slot: Hex): bigint {
    this.reads.add(keyOf("storage", address, slot));
    return this.below.storage(address, slot);
  }
  /** Whether an account is there seldom changes within a block; the executors check it, the bound leaves it out. */
  isEmpty(address: Hex): boolean {
    return this.below.isEmpty(address);
  }
  hasStorage(address: Hex): boolean {
    return this.below.hasStorage(address);
  }
  code(hash: Hex): Uint8Array {
    return this.below.code(hash);
  }
}
