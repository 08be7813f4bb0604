import { closeSync, fsyncSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Hex } from "viem";
import { ContractsError } from "../errors";
import { withFileLock } from "../file-lock";
import { isKillPoint, killPoint } from "./kill-points";
import { parseJournal, type ChainLine, type JournalLine } from "./journal-lines";

/** The chain has another genesis than the one that the journal was written for. */
export class WipedChainError extends ContractsError {
  constructor(path: string, recorded: ChainLine, found: Hex) {
    super(
      `The journal ${path} is of a chain with the genesis ${recorded.genesisHash}, but ${recorded.chain} now has ${found}: ` +
        "it was begun anew, or this is another network.",
      "Nothing was sent. If the chain was replaced on purpose, move that journal away and run this again.",
    );
  }
}

/**
 * The journal of one chain: an append-only file of JSON lines, safe with several processes. Each line is on the disk
 * before `append` returns.
 */
export class Journal {
  readonly path: string;

  /** @param folder made if it is not there */
  constructor(
    folder: string,
    private readonly chain: string,
    private readonly now: () => Date = () => new Date(),
  ) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.path = join(folder, `${chain}.jsonl`);
  }

  /** Path of the file whose lock stands for the right to use a sender's next nonce. */
  lockPath(sender: string): string {
    return join(dirname(this.path), `${this.chain}-${sender.toLowerCase()}.lock`);
  }

  /** The complete lines; a torn last line is left out. @throws {JournalDamagedError} */
  read(): JournalLine[] {
    return parseJournal(this.readBytes(), this.path).lines;
  }

  /**
   * Makes sure that the journal is of this chain; begins it if it is new.
   * @throws {WipedChainError}
   */
  claim(chainId: number, genesisHash: Hex): void {
    this.locked(() => {
      const [first] = this.read();
      const at = this.now().toISOString();
      if (first === undefined) this.write([{ type: "chain", chain: this.chain, chainId, genesisHash, at }]);
      else if (first.type === "chain" && first.genesisHash !== genesisHash) {
        throw new WipedChainError(this.path, first, genesisHash);
      }
    });
  }

  /** Appends a line and waits until the disk has it; gives it back with its time. */
  append<T extends JournalLine>(line: Omit<T, "at">): T {
    const stamped = { ...line, at: this.now().toISOString() } as T;
    this.locked(() => this.write([stamped]));
    return stamped;
  }

  /** Appends lines, one after the other, and waits once until the disk has them all. */
  appendAll<T extends JournalLine>(lines: readonly Omit<T, "at">[]): T[] {
    const stamped = lines.map((line) => ({ ...line, at: this.now().toISOString() }) as T);
    if (stamped.length > 0) this.locked(() => this.write(stamped));
    return stamped;
  }

  /** Appends are rare and short, so a blocking lock is enough; it is not the sender's. */
  private locked(work: () => void): void {
    withFileLock(`${this.path}.lock`, work);
  }

  private readBytes(): Buffer {
    try {
      return readFileSync(this.path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return Buffer.alloc(0);
      throw error;
    }
  }

  private write(lines: readonly JournalLine[]): void {
    const bytes = this.readBytes();
    const { completeBytes } = parseJournal(bytes, this.path);
    const fd = openSync(this.path, "a", 0o600);
    try {
      if (completeBytes < bytes.length) ftruncateSync(fd, completeBytes);
      for (const line of lines) {
        const text = `${JSON.stringify(line)}\n`;
        killPoint("before-write");
        if (isKillPoint("torn-write")) {
          writeSync(fd, text.slice(0, text.length / 2));
          process.kill(process.pid, "SIGKILL");
        }
        writeSync(fd, text);
        killPoint("after-write");
      }
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    if (bytes.length === 0) syncFolder(dirname(this.path));
  }
}

/** A new file's name is safe only when its folder is on the disk as well. */
function syncFolder(folder: string): void {
  const fd = openSync(folder, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
