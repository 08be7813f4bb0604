import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";

import { z } from "zod";

import { MeridianError } from "../../errors";

const waveSchema = z.object({
  /** What it deploys: what all share, regions, or the contracts with what is left. */
  kind: z.enum(["global", "regions", "contracts"]),
  steps: z.array(z.object({ region: z.string(), ordinals: z.array(z.int().min(0)) })),
  restarting: z.int().min(0),
  joining: z.int().min(0),
  state: z.enum(["pending", "running", "done", "failed", "kept", "rolled back"]),
  /** Why it is not done, in words. */
  problems: z.array(z.string()),
});

const recordSchema = z.object({
  schemaVersion: z.literal(1),
  stack: z.string(),
  /** SHA-256 of the configuration that is rolled out. */
  configuration: z.string(),
  /** The `config` before it, for a rollback; no secrets. */
  previous: z.record(z.string(), z.unknown()).nullable(),
  soakMs: z.int().min(0),
  onFailure: z.enum(["stop", "keep", "rollback"]),
  waves: z.array(waveSchema).min(1),
});

/** One wave of a rollout that has been begun. */
export type RolloutWave = Readonly<z.output<typeof waveSchema>>;
/** What is known of a rollout after each of its steps; enough to go on with it. */
export type RolloutRecord = Readonly<Omit<z.output<typeof recordSchema>, "waves">> & {
  readonly waves: readonly RolloutWave[];
};
export type OnFailure = RolloutRecord["onFailure"];

/** The record of a rollout cannot be used. */
export class RolloutRecordError extends MeridianError {
  override readonly name = "RolloutRecordError";
}

/** The regions of a wave, each once. */
export const regionsOf = ({ steps }: Pick<RolloutWave, "steps">): string[] => [
  ...new Set(steps.map(({ region }) => region)),
];

/** Whether every wave is done or was given up on purpose. */
export const isOver = ({ waves }: RolloutRecord): boolean =>
  waves.every(({ state }) => state === "done" || state === "kept");

/**
 * The file in which a rollout is remembered. It is replaced whole, by a rename after its bytes are on the disk: whenever
 * the process dies, the file is the old one or the new one.
 */
export class RecordFile {
  constructor(readonly path: string) {}

  /** @returns undefined where no rollout was begun @throws RolloutRecordError for a file that is none of ours */
  read(): RolloutRecord | undefined {
    if (!existsSync(this.path)) return undefined;
    const found = recordSchema.safeParse(parsed(readFileSync(this.path, "utf8")));
    if (found.success) return found.data;
    throw new RolloutRecordError(`${this.path} is no record of a rollout, or of another version of Meridian.`, {
      hint: "Look at the network with meridian status, remove the file, and begin anew.",
    });
  }

  write(record: RolloutRecord): void {
    mkdirSync(dirname(this.path), { recursive: true, mode: 0o700 });
    const fresh = `${this.path}.new`;
    const file = openSync(fresh, "w", 0o600);
    try {
      writeSync(file, `${JSON.stringify(record, undefined, 2)}\n`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(fresh, this.path);
  }

  remove(): void {
    rmSync(this.path, { force: true });
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
