import type { Address } from "viem";
import type { JournalLine, SignedLine } from "../deploy/journal-lines";

/** What is at a contract's address; `unknown` when its constructor reverts by now, so that nothing can be compared. */
export type CodeFound = "ours" | "other" | "none" | "unknown";

/** A contract, or a call, in one word. Only `deployed`, `adopted` and `done` are as the configuration wants it. */
export type State =
  "deployed" | "adopted" | "pending" | "missing" | "vanished" | "foreign" | "unknown" | "left over" | "done" | "due";

/** What journal, chain and configuration say of one contract. */
export interface ContractStatus {
  readonly name: string;
  readonly address: Address;
  readonly state: State;
  /** What differs and what to do; null when nothing does. */
  readonly explanation: string | null;
}

/** What is known of one configured contract. */
export interface Facts {
  readonly name: string;
  readonly address: Address;
  readonly code: CodeFound;
  /** Hashes of the contract's transactions that are in the node's pool or in a block. */
  readonly known: ReadonlySet<string>;
}

const minedOf = (lines: readonly JournalLine[]): Set<string> =>
  new Set(lines.flatMap((line) => (line.type === "mined" && line.status === "success" ? [line.hash] : [])));

/** The signed transactions of an address that nothing has made void, in the order of the journal. */
export function signedFor(lines: readonly JournalLine[], address: Address): SignedLine[] {
  const gone = new Set(lines.flatMap((line) => (line.type === "void" ? [line.hash] : [])));
  return lines.filter(
    (line): line is SignedLine => line.type === "signed" && line.address === address && !gone.has(line.hash),
  );
}

/** Explains one contract. Pure. */
export function explain(lines: readonly JournalLine[], { name, address, code, known }: Facts): ContractStatus {
  const status = (state: State, explanation: string | null): ContractStatus => ({ name, address, state, explanation });
  const signed = signedFor(lines, address);
  const mined = minedOf(lines);
  const wasMined = signed.some(({ hash }) => mined.has(hash));
  switch (code) {
    case "ours":
      if (wasMined) return status("deployed", null);
      return signed.length > 0
        ? status("deployed", "The journal has its transaction but not its receipt: whoever waited for it was ended.")
        : status("adopted", "The journal does not know its transaction: somebody else deployed it, or it was lost.");
    case "other":
      return status("foreign", "Another code is at its address. Use another salt, or find out who changed it.");
    case "unknown":
      return status("unknown", "There is code, but its constructor reverts by now, so it cannot be compared.");
    case "none":
      break;
  }
  if (wasMined) {
    return status(
      "vanished",
      "The journal saw it mined, but the chain has it not: a node behind, or a reorganisation.",
    );
  }
  const newest = signed.at(-1);
  if (newest === undefined) return status("missing", "It was never sent: run pulumi up.");
  return known.has(newest.hash)
    ? status("pending", `Its transaction (nonce ${newest.nonce}) waits for its block.`)
    : status("pending", `Its transaction (nonce ${newest.nonce}) is signed, but the node lacks it: run pulumi up.`);
}

/** What the journal deployed at addresses that the configuration does not lead to any more. Pure. */
export function leftOver(lines: readonly JournalLine[], configured: readonly Address[]): ContractStatus[] {
  const mined = minedOf(lines);
  const wanted = new Set(configured);
  const found = new Map<Address, ContractStatus>();
  for (const line of lines) {
    if (line.type !== "signed" || line.address === undefined || wanted.has(line.address)) continue;
    if (!mined.has(line.hash)) continue;
    const explanation = "Deployed by another configuration: salt, owner or sources were others. It stays on the chain.";
    found.set(line.address, { name: line.name, address: line.address, state: "left over", explanation });
  }
  return [...found.values()];
}

/** Whether a state is what the configuration wants; what is left over harms nobody. */
export const isFine = ({ state }: ContractStatus): boolean =>
  state === "deployed" || state === "adopted" || state === "left over" || state === "done";
