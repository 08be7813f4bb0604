/** Requests of one HTTP body at the start: measured best on anvil, far below Besu's 1,024. */
const FIRST_ITEMS = 100;
/** Below the 1 MB that proxies take by default (nginx, client_max_body_size). */
const FIRST_BYTES = 512 * 1024;

/** What a node takes in one HTTP request, learned from its refusals; shared by everything under way. */
export class Limits {
  constructor(
    private items = FIRST_ITEMS,
    private bytes = FIRST_BYTES,
  ) {}

  /** Whether one more request of `size` bytes fits into a body that has `count` of `bytes`. The first always does. */
  fits(count: number, bytes: number, size: number): boolean {
    return count === 0 || (count < this.items && bytes + size <= this.bytes);
  }

  /** The node refused a body for its size. */
  refusedBytes(bytes: number): void {
    this.bytes = Math.min(this.bytes, Math.max(Math.floor(bytes / 2), 1));
  }

  /** The node refused a batch for the number of its requests. */
  refusedItems(count: number): void {
    this.items = Math.min(this.items, Math.max(Math.floor(count / 2), 1));
  }
}
