import { TRANSACTION_GAS_CAP } from "../gas";

/** Something to be sent, with its gas; null when that is not known. */
export interface GasNeed {
  readonly name: string;
  /** Contracts of one batch; a later one waits for the block of the one before, unless everything may go at once. */
  readonly batch: number;
  readonly gas: bigint | null;
}

/** How deployments fall into blocks. */
export interface Split {
  /** Names by block, in the order of sending. */
  readonly blocks: readonly (readonly string[])[];
  /** Names of what no transaction or block can hold. */
  readonly tooLarge: readonly string[];
}

/**
 * Splits deployments into blocks: in order, as many as a block's gas allows. Unknown gas takes no room. Pure.
 *
 * @param blockGasLimit gas in a block
 * @param barriers whether a batch waits for the blocks of the one before
 */
export function splitIntoBlocks(needs: readonly GasNeed[], blockGasLimit: bigint, barriers: boolean): Split {
  const most = blockGasLimit < TRANSACTION_GAS_CAP ? blockGasLimit : TRANSACTION_GAS_CAP;
  const tooLarge = needs.filter(({ gas }) => gas !== null && gas > most).map(({ name }) => name);
  const blocks: string[][] = [];
  let room = 0n;
  let batch: number | undefined;
  for (const need of needs.toSorted((a, b) => a.batch - b.batch)) {
    if (tooLarge.includes(need.name)) continue;
    const gas = need.gas ?? 0n;
    const current = blocks.at(-1);
    const waits = barriers && need.batch !== batch;
    if (current === undefined || waits || gas > room) {
      blocks.push([need.name]);
      room = blockGasLimit - gas;
    } else {
      current.push(need.name);
      room -= gas;
    }
    batch = need.batch;
  }
  return { blocks, tooLarge };
}
