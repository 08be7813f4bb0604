import { type BlockResult, InvalidBlockError, type TransactionOutcome } from "../block";
import { assemble } from "../receipts";
import { isEmpty, noCode, type FlatAccount, type StateChanges, type StateReader } from "../state/flat-state";
import type { Hex } from "../state/hex";
import { written } from "../transaction/state-view";
import { readAttempt } from "./outcome";
import type { SharedBlock } from "./shared-block";
import { codesOf } from "./versioned-view";
import { Kind, Versions } from "./versions";

/** The block cannot be taken as executed; in order, it can. */
export class UnusableError extends Error {
  override readonly name = "UnusableError";
}

const MOST_WEI = 2n ** 256n - 1n;

/** The result of a block that all threads are done with. @throws {InvalidBlockError}, {UnusableError} */
export function collectResult(block: SharedBlock, count: number, blockGasLimit: bigint): BlockResult {
  const outcomes: TransactionOutcome[] = [];
  const gasLimits: bigint[] = [];
  for (let tx = 0; tx < count; tx++) {
    const attempt = readAttempt(block, tx);
    if (attempt.kind !== "executed") {
      if (attempt.kind === "failed") throw new UnusableError(`transaction ${tx}: ${attempt.reason}`);
      assemble(outcomes, gasLimits, blockGasLimit); // what is wrong before it counts first
      throw new InvalidBlockError(tx, attempt.reason);
    }
    outcomes.push(attempt.outcome);
    gasLimits.push(attempt.gasLimit);
  }
  return assemble(outcomes, gasLimits, blockGasLimit);
}

/** What a finished block leaves: the last version of each location. @throws {UnusableError} */
export function collectChanges(block: SharedBlock, count: number, before: StateReader): StateChanges {
  const versions = new Versions(block);
  const accounts = new Map<Hex, FlatAccount>();
  const storage = new Map<Hex, Map<Hex, bigint>>();
  const codes = new Map<Hex, Uint8Array>();
  for (const [hash, code] of codesOf(block)) codes.set(`0x${hash.toString(16).padStart(64, "0")}`, code);
  for (let location = 0; location < versions.count; location++) {
    const found = versions.find(location, count);
    if (typeof found === "number") throw new UnusableError(`transaction ${found} is not executed`);
    if (found.isRelative && found.total === 0n) continue; // only read
    const { kind, address, slot } = versions.describe(location);
    if (kind === Kind.storage) {
      let slots = storage.get(address);
      if (slots === undefined) storage.set(address, (slots = new Map<Hex, bigint>()));
      slots.set(slot, found.total);
      continue;
    }
    const account = accounts.get(address) ?? before.account(address) ?? absent;
    const after = written(account, writeOf(kind, found));
    if (after.balance > MOST_WEI) throw new UnusableError(`the balance of ${address} would not fit into 256 bits`);
    accounts.set(address, after);
  }
  const changed = new Map([...accounts].map(([address, after]) => [address, isEmpty(after) ? undefined : after]));
  return { accounts: changed, storage, codes };
}

const absent: FlatAccount = { balance: 0n, nonce: 0n, codeHash: noCode };

function writeOf(kind: Kind, { isRelative, total }: { isRelative: boolean; total: bigint }) {
  switch (kind) {
    case Kind.balance:
      return isRelative ? { credit: total } : { balance: total };
    case Kind.nonce:
      return { nonce: total };
    case Kind.code:
      return { codeHash: `0x${total.toString(16).padStart(64, "0")}` as const };
    case Kind.storage:
      return {};
  }
}
