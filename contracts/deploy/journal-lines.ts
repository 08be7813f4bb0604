import type { Address, Hex } from "viem";
import { ContractsError } from "../errors";

/** First line of a journal: the chain it belongs to. */
export interface ChainLine {
  readonly type: "chain";
  readonly chain: string;
  readonly chainId: number;
  readonly genesisHash: Hex;
  readonly at: string;
}

/** A transaction that was signed, written before it was sent: it may be on the chain or not. */
export interface SignedLine {
  readonly type: "signed";
  /** Logical name of the contract or call, or `gap` for an empty transaction that closes a gap. */
  readonly name: string;
  readonly sender: Address;
  readonly nonce: number;
  readonly hash: Hex;
  /** Where the contract will be; absent for a call and for `gap`. */
  readonly address?: Address;
  /** Which call after deployment it is: the hash of name, contract, data and value. */
  readonly call?: Hex;
  /** The signed transaction, to be sent again as often as needed. */
  readonly transaction: Hex;
  readonly at: string;
}

/** A signed transaction was seen in a block. For the reader; the chain itself is asked again. */
export interface MinedLine {
  readonly type: "mined";
  readonly name: string;
  readonly hash: Hex;
  readonly block: number;
  readonly status: "success" | "reverted";
  readonly at: string;
}

/** A signed transaction can never be mined any more: another one has used its nonce. */
export interface VoidLine {
  readonly type: "void";
  readonly hash: Hex;
  readonly reason: string;
  readonly at: string;
}

/** A whole graph was tried before its first transaction, and can be deployed; it need not be tried again. */
export interface PreflightLine {
  readonly type: "preflight";
  /** Names the graph by its addresses. */
  readonly graph: Hex;
  readonly how: "simulated" | "piecewise";
  /** Logical names of what was not there yet. */
  readonly missing: readonly string[];
  /** Gas of all that was missing, in decimal; null when it is not known. */
  readonly gas: string | null;
  readonly at: string;
}

export type JournalLine = ChainLine | PreflightLine | SignedLine | MinedLine | VoidLine;

/** A complete line of the journal is no line of ours. */
export class JournalDamagedError extends ContractsError {
  constructor(path: string, line: number) {
    super(
      `Line ${line} of the journal ${path} cannot be read.`,
      "Only a torn last line is normal. Restore the file, or move it away: what is on the chain will be adopted.",
    );
  }
}

const types = new Set(["chain", "preflight", "signed", "mined", "void"]);

/**
 * Reads the lines of a journal. What follows the last line break was torn by a crash while it was written; its
 * transaction was never sent, because sending comes after the line is on the disk.
 *
 * @param path for the error only
 * @returns the complete lines, and how many bytes they take
 * @throws {JournalDamagedError} when a complete line is damaged
 */
export function parseJournal(bytes: Buffer, path: string): { lines: JournalLine[]; completeBytes: number } {
  const completeBytes = bytes.lastIndexOf("\n") + 1;
  const texts = bytes.subarray(0, completeBytes).toString("utf8").split("\n").slice(0, -1);
  const lines = texts.map((text, index) => {
    try {
      const line = JSON.parse(text) as JournalLine;
      if (types.has(line.type)) return line;
    } catch {
      // Told below, with the number of the line.
    }
    throw new JournalDamagedError(path, index + 1);
  });
  return { lines, completeBytes };
}

/**
 * The transactions of a sender that may still be mined or were mined: one a nonce, the newest, without those that
 * another transaction made void; in the order of their nonces.
 */
export function standing(lines: readonly JournalLine[], sender: Address): SignedLine[] {
  const gone = new Set(lines.flatMap((line) => (line.type === "void" ? [line.hash] : [])));
  const byNonce = new Map<number, SignedLine>();
  for (const line of lines) {
    if (line.type === "signed" && line.sender === sender && !gone.has(line.hash)) byNonce.set(line.nonce, line);
  }
  return [...byNonce.values()].sort((a, b) => a.nonce - b.nonce);
}

/** All that was signed for the nonce and call of a transaction, the oldest first: one of them at most is ever mined. */
export function versionsOf(lines: readonly JournalLine[], of: SignedLine): SignedLine[] {
  const found = lines.filter(
    (line): line is SignedLine =>
      line.type === "signed" && line.sender === of.sender && line.nonce === of.nonce && line.address === of.address,
  );
  return found.length === 0 ? [of] : found;
}
