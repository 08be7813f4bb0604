const PUSH1 = 0x60;
const PUSH32 = 0x7f;
const BALANCE = 0x31;
const SELFBALANCE = 0x47;

/** Whose balances a program may look at: nobody's, that of the account it runs as, or anybody's. */
export type BalanceReads = "none" | "own" | "any";

/**
 * Whether code has the instruction BALANCE or SELFBALANCE, its pushed data left out. Code that has none cannot depend on
 * a balance (apart from having enough to send); code that has one may never reach it.
 *
 * @param code `0x…`, runtime or creation code
 */
export function balanceReadsOf(code: string): BalanceReads {
  let reads: BalanceReads = "none";
  for (let at = 2; at < code.length; at += 2) {
    const instruction = parseInt(code.slice(at, at + 2), 16);
    if (instruction === BALANCE) return "any";
    if (instruction === SELFBALANCE) reads = "own";
    if (instruction >= PUSH1 && instruction <= PUSH32) at += 2 * (instruction - PUSH1 + 1);
  }
  return reads;
}

/** The most that any of several programs may look at. */
const widest = (all: readonly BalanceReads[]): BalanceReads =>
  all.includes("any") ? "any" : all.includes("own") ? "own" : "none";

/** {@link balanceReadsOf} of several programs together, each looked through once: a block calls the same ones often. */
export function codeScanner(): (codes: readonly string[]) => BalanceReads {
  const known = new Map<string, BalanceReads>();
  return (codes) =>
    widest(
      codes.map((code) => {
        const reads = known.get(code) ?? balanceReadsOf(code);
        known.set(code, reads);
        return reads;
      }),
    );
}
