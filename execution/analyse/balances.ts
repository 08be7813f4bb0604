/** What is known of an account when its block begins. */
export interface Start {
  /** In wei; undefined where no answer tells. */
  readonly balance: bigint | undefined;
  /** Whether it was there; undefined where no answer tells. */
  readonly existed: boolean | undefined;
}

/** How one transaction changes one balance. */
export interface BalanceChange {
  /** Lower case. */
  readonly address: string;
  /** In wei; negative for what it pays. */
  readonly delta: bigint;
  /** What the account must have for the transaction to go on, in wei; 0 where nothing is asked. */
  readonly needed: bigint;
  /** Whether a program may have looked at the balance itself. */
  readonly lookedAt: boolean;
  /** Whether money arrives by a call of a program, whose price tells if the account was there (EIP-161). */
  readonly byCall: boolean;
}

/** `reads`: its result depends on the value; `sets`: it leaves a value; `adds`: it changes it whatever it is. */
export interface BalanceEffect {
  readonly reads: boolean;
  readonly sets: boolean;
  readonly adds: boolean;
}

const NOTHING: BalanceEffect = { reads: false, sets: false, adds: false };

/**
 * Tells which changes of balances commute, transaction by transaction in the order of a block.
 *
 * Money that arrives commutes. So does money that is paid, as long as what the account had at the block's beginning
 * covers all that it has paid so far: then the order of its receipts decides nothing. Where it does not, the payment
 * needs those before it. A program that looks at a balance needs its value.
 */
export class BlockBalances {
  private readonly starts = new Map<string, Start>();
  private readonly spent = new Map<string, bigint>();
  /** Accounts that paid without anything being known of what they had. */
  readonly assumed = new Set<string>();

  /** What is seen of an account before its first transaction in the block; later sights tell nothing of the beginning. */
  see(address: string, start: Start): void {
    if (!this.starts.has(address)) this.starts.set(address, start);
  }

  effectOf({ address, delta, needed, lookedAt, byCall }: BalanceChange): BalanceEffect {
    const start = this.starts.get(address);
    const before = this.spent.get(address) ?? 0n;
    const paid = delta < 0n ? -delta : 0n;
    this.spent.set(address, before + paid);
    const most = needed > paid ? needed : paid;
    if (most > 0n && start?.balance === undefined) this.assumed.add(address);
    const short = most > 0n && start?.balance !== undefined && before + most > start.balance;
    const born = delta > 0n && byCall && start?.existed === false;
    if (lookedAt || short || born) return { reads: true, sets: delta !== 0n, adds: false };
    return delta === 0n ? NOTHING : { reads: false, sets: false, adds: true };
  }
}
