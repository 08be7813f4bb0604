/** One instruction of a transaction, as `debug_traceTransaction` without a tracer tells it, with its stack. */
export interface Instruction {
  readonly op: string;
  /** 1 for the transaction's own code. */
  readonly depth: number;
  /** Before it, the top last; 32 bytes each, with or without 0x. */
  readonly stack?: readonly string[] | null;
}

/** Slots by account, both in lower case with 0x. */
export type Slots = Readonly<Record<string, readonly string[]>>;

/** What a transaction did to storage, by its instructions. */
export interface ExecutedSlots {
  readonly read: Slots;
  /** Also read; of calls that did not fail alone. */
  readonly written: Slots;
}

interface Frame {
  /** Whose storage it is; undefined until a creation tells its address. */
  address: string | undefined;
  readonly read: (readonly [frame: Frame, slot: string])[];
  readonly written: (readonly [frame: Frame, slot: string])[];
}

const CALLS: Readonly<Record<string, "called" | "same" | "created">> = {
  CALL: "called",
  STATICCALL: "called",
  DELEGATECALL: "same",
  CALLCODE: "same",
  CREATE: "created",
  CREATE2: "created",
};

/**
 * The storage that a transaction's instructions read and wrote: for nodes whose prestateTracer tells none.
 *
 * @param instructions in the order of their execution
 * @param to the account whose code is run, or the contract that is created
 * @param succeeded whether the transaction did: otherwise nothing was written
 */
export function executedSlots(instructions: readonly Instruction[], to: string, succeeded: boolean): ExecutedSlots {
  const top: Frame = { address: to.toLowerCase(), read: [], written: [] };
  const frames = [top];
  instructions.forEach(({ op, depth, stack }, index) => {
    while (frames.length > depth && frames.length > 1) leave(frames, word(stack, 0));
    const frame = frames.at(-1) ?? top;
    const slot = word(stack, 0);
    if (op === "SLOAD" || op === "SSTORE") frame.read.push([ownerOf(frame), slot]);
    if (op === "SSTORE") frame.written.push([ownerOf(frame), slot]);
    const kind = CALLS[op];
    const next = instructions[index + 1];
    if (kind === undefined || next === undefined || next.depth <= depth) return;
    const called = kind === "called" ? addressIn(word(stack, 1)) : undefined;
    const inner: Frame = { address: called, read: [], written: [] };
    if (kind === "same") owners.set(inner, ownerOf(frame));
    frames.push(inner);
  });
  // An end without an instruction after it: the calls that were open ended with the transaction.
  while (frames.length > 1) leave(frames, succeeded ? "1" : "0");
  return { read: byAccount(top.read), written: succeeded ? byAccount(top.written) : {} };
}

/** Frames that run on another's storage. */
const owners = new WeakMap<Frame, Frame>();
const ownerOf = (frame: Frame): Frame => owners.get(frame) ?? frame;

/** A call has ended: what it left on the stack is 0 where it failed, and a creation's address. */
function leave(frames: Frame[], result: string): void {
  const ended = frames.pop();
  const caller = frames.at(-1);
  if (ended === undefined || caller === undefined) return;
  const succeeded = BigInt(hex(result)) !== 0n;
  if (ended.address === undefined && !owners.has(ended) && succeeded) ended.address = addressIn(result);
  caller.read.push(...ended.read);
  if (succeeded) caller.written.push(...ended.written);
}

const hex = (text: string): string => `0x${text.replace(/^0x/, "") || "0"}`;

const word = (stack: Instruction["stack"], below: number): string =>
  hex(stack?.[stack.length - 1 - below] ?? "0").toLowerCase();

const addressIn = (text: string): string => `0x${hex(text).slice(2).padStart(40, "0").slice(-40)}`;

function byAccount(slots: Frame["read"]): Slots {
  const sets = new Map<string, Set<string>>();
  for (const [{ address }, slot] of slots) {
    if (address === undefined) continue; // of a creation that failed: nobody else ever sees it
    sets.set(address, (sets.get(address) ?? new Set()).add(slot));
  }
  return Object.fromEntries([...sets].map(([address, all]) => [address, [...all]]));
}
