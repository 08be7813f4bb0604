const PUSH1 = 0x60;
const PUSH32 = 0x7f;
const BALANCE = 0x31;
const SELFBALANCE = 0x47;
const SLOAD = 0x54;
const SSTORE = 0x55;

/** Whose balances a program may look at: nobody's, that of the account it runs as, or anybody's. */
export type BalanceReads = "none" | "own" | "any";

/**
 * Whether code has the instruction BALANCE or SELFBALANCE, its pushed data left out. Code that has none cannot depend on
 * a balance (apart from having enough to send); code that has one may never reach it.
 *
 * @param code `0x…`, runtime or creation code
 */
export function balanceReadsOf(code: string): BalanceReads {
  const instructions = instructionsOf(code);
  if (instructions.includes(BALANCE)) return "any";
  return instructions.includes(SELFBALANCE) ? "own" : "none";
}

/** Whether code has an instruction that reads or writes storage, its pushed data left out. */
export const usesStorage = (code: string): boolean =>
  instructionsOf(code).some((one) => one === SLOAD || one === SSTORE);

function instructionsOf(code: string): number[] {
  const all: number[] = [];
  for (let at = 2; at < code.length; at += 2) {
    const instruction = parseInt(code.slice(at, at + 2), 16);
    all.push(instruction);
    if (instruction >= PUSH1 && instruction <= PUSH32) at += 2 * (instruction - PUSH1 + 1);
  }
  return all;
}

/** The most that any of several programs may look at. */
const widest = (all: readonly BalanceReads[]): BalanceReads =>
  all.includes("any") ? "any" : all.includes("own") ? "own" : "none";

/** What several programs together may do. */
export interface CodeScan {
  readonly balances: BalanceReads;
  readonly storage: boolean;
}

/** Looks through programs, each once: a block calls the same ones often. */
export function codeScanner(): (codes: readonly string[]) => CodeScan {
  const known = new Map<string, CodeScan>();
  const scan = (code: string): CodeScan => {
    const found = known.get(code) ?? { balances: balanceReadsOf(code), storage: usesStorage(code) };
    known.set(code, found);
    return found;
  };
  return (codes) => {
    const all = codes.map(scan);
    return { balances: widest(all.map(({ balances }) => balances)), storage: all.some(({ storage }) => storage) };
  };
}
