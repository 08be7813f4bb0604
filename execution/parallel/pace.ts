/** How a block is executed: by all threads, or in order by the calling one. */
export type Way = "together" | "in order";

/** Blocks by all threads at first. */
const BLOCKS_TOGETHER_FIRST = 8;
/** Of these: a thread's code is compiled while it runs, so its first blocks say nothing. */
const BLOCKS_NOT_COUNTED = 4;
/** Blocks in order after them, to have something to compare with. */
const BLOCKS_IN_ORDER_NEXT = 2;
/** After so many blocks in a row of the faster way the other is tried once: what blocks hold changes. */
const BLOCKS_UNTIL_TRIED = 16;
/** Part of a new measurement in what is believed. */
const WEIGHT = 0.5;

/**
 * Which way is the faster one for the blocks that come, by what those before them took for their gas. Small blocks, cheap
 * transactions and cores that are busy with other things make the one better, and nothing in a block tells beforehand.
 */
export class Pace {
  private readonly msPerGas = new Map<Way, number>();
  private blocks = 0;
  private inARow = 0;

  /** The way of the next block. */
  choose(): Way {
    if (this.blocks < BLOCKS_TOGETHER_FIRST) return "together";
    if (this.blocks < BLOCKS_TOGETHER_FIRST + BLOCKS_IN_ORDER_NEXT) return "in order";
    const faster = this.faster();
    if (this.inARow < BLOCKS_UNTIL_TRIED) return faster;
    return faster === "together" ? "in order" : "together";
  }

  /**
   * What a block took.
   * @param gas that it used; a block that used none says nothing
   */
  note(way: Way, ms: number, gas: number): void {
    this.inARow = way === this.faster() ? this.inARow + 1 : 0;
    this.blocks += 1;
    if (gas <= 0 || this.blocks <= BLOCKS_NOT_COUNTED) return;
    const known = this.msPerGas.get(way);
    this.msPerGas.set(way, known === undefined ? ms / gas : known + WEIGHT * (ms / gas - known));
  }

  private faster(): Way {
    const [together = 0, inOrder = Infinity] = [this.msPerGas.get("together"), this.msPerGas.get("in order")];
    return together <= inOrder ? "together" : "in order";
  }
}
