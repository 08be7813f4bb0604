import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Hex } from "viem";
import { Journal, WipedChainError } from "../../../contracts/deploy/journal";
import {
  JournalDamagedError,
  parseJournal,
  standing,
  type JournalLine,
  type SignedLine,
  type VoidLine,
} from "../../../contracts/deploy/journal-lines";

const genesis: Hex = `0x${"aa".repeat(32)}`;
const hashOf = (number: number): Hex => `0x${number.toString(16).padStart(64, "0")}`;
const sender = "0x00000000000000000000000000000000000000AA";
const signed = (nonce: number, hash = hashOf(nonce)): Omit<SignedLine, "at"> => ({
  type: "signed",
  name: "chain138-wéth9", // Two bytes for one letter: a tear may split it.
  sender,
  nonce,
  hash,
  address: sender,
  transaction: `0x02${"ff".repeat(20)}`,
});

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "meridian-journal-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const opened = (): Journal => new Journal(folder, "chain138", () => new Date(0));
const written = (): Journal => {
  const journal = opened();
  journal.claim(138, genesis);
  journal.append<SignedLine>(signed(0));
  journal.append<SignedLine>(signed(1));
  return journal;
};

test("a journal torn at any byte loses at most the line that was being written, and can be written on", () => {
  const journal = written();
  const whole = readFileSync(journal.path);
  const ends = [...whole.keys()].filter((at) => whole[at] === 10).map((at) => at + 1);

  for (let length = 0; length <= whole.length; length++) {
    writeFileSync(journal.path, whole.subarray(0, length));
    const complete = ends.filter((end) => end <= length).length;
    expect(opened().read()).toHaveLength(complete);

    opened().append<SignedLine>(signed(7));
    const lines = opened().read();
    expect(lines).toHaveLength(complete + 1);
    expect(lines.at(-1)).toMatchObject({ nonce: 7 });
  }
});

test("the check of every byte tells a reader that believes a torn last line", () => {
  const whole = readFileSync(written().path);
  const believing = (bytes: Buffer): unknown[] =>
    bytes
      .toString("utf8")
      .split("\n")
      .filter((text) => text !== "")
      .map((text) => JSON.parse(text) as unknown);
  const fails = [...whole.keys()].filter((length) => {
    try {
      const complete = whole.subarray(0, length).toString().split("\n").length - 1;
      return believing(whole.subarray(0, length)).length !== complete;
    } catch {
      return true;
    }
  });
  expect(fails.length).toBeGreaterThan(100);
});

test("a damaged line before the last is an error with its number, not a loss in silence", () => {
  const bytes = Buffer.from(`${JSON.stringify({ type: "chain" })}\n{"type":"sig\n`);
  expect(() => parseJournal(bytes, "j")).toThrow(JournalDamagedError);
  expect(() => parseJournal(bytes, "j")).toThrow("Line 2 of the journal j");
  expect(() => parseJournal(Buffer.from('{"type":"other"}\n'), "j")).toThrow("Line 1");
});

test("belongs to one chain: another genesis is refused", () => {
  written().claim(138, genesis);
  expect(() => {
    written().claim(138, `0x${"bb".repeat(32)}`);
  }).toThrow(WipedChainError);
});

test("is readable: one JSON object a line with the time", () => {
  const lines = readFileSync(written().path, "utf8").trimEnd().split("\n");
  expect(JSON.parse(lines[1]!)).toEqual({ ...signed(0), at: "1970-01-01T00:00:00.000Z" });
});

describe("standing transactions", () => {
  const at = "";
  const lines = (...given: (Omit<SignedLine, "at"> | Omit<VoidLine, "at">)[]): JournalLine[] =>
    given.map((line) => ({ ...line, at }));

  test("are the sender's, by nonce, the newest of each", () => {
    const newer = signed(1, hashOf(99));
    const other = { ...signed(2), sender: "0x00000000000000000000000000000000000000BB" } as const;
    expect(standing(lines(signed(1), signed(0), newer, other), sender).map(({ hash }) => hash)).toEqual([
      hashOf(0),
      hashOf(99),
    ]);
  });

  test("are not those that became void", () => {
    const gone = { type: "void", hash: hashOf(1), reason: "" } as const;
    expect(standing(lines(signed(0), signed(1), gone), sender).map(({ nonce }) => nonce)).toEqual([0]);
  });
});
