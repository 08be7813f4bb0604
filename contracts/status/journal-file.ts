import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseJournal, type JournalLine } from "../deploy/journal-lines";

/** Path of a chain's journal. */
export const journalPath = (folder: string, chain: string): string => join(folder, `${chain}.jsonl`);

/**
 * Reads a chain's journal without making or locking anything; undefined when there is none.
 * @throws {JournalDamagedError}
 */
export function readJournal(folder: string, chain: string): JournalLine[] | undefined {
  const path = journalPath(folder, chain);
  return existsSync(path) ? parseJournal(readFileSync(path), path).lines : undefined;
}

/** Chains that a folder has journals of, by name. */
export const journalChains = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((file) => file.endsWith(".jsonl"))
        .map((file) => file.slice(0, -".jsonl".length))
        .sort()
    : [];

/** What a line says, in words: name or subject, and the rest. */
export function lineWords(line: JournalLine): { readonly subject: string; readonly words: string } {
  switch (line.type) {
    case "chain":
      return { subject: line.chain, words: `chain id ${line.chainId}, genesis ${line.genesisHash}` };
    case "preflight": {
      const gas = line.gas === null ? "" : `, ${line.gas} gas`;
      return { subject: "", words: `${line.how}: ${line.missing.length} contracts to deploy${gas}` };
    }
    case "signed":
      return { subject: line.name, words: `nonce ${line.nonce} of ${line.sender}, ${line.hash}` };
    case "mined":
      return { subject: line.name, words: `${line.status} in block ${line.block}, ${line.hash}` };
    case "void":
      return { subject: "", words: `${line.hash}: ${line.reason}` };
  }
}
