import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";

import { projectRoot } from "../toolchain/paths";

/** Where and when a figure was measured. */
export const machine = (): Readonly<Record<"date" | "cpu" | "cores" | "memoryGb" | "node", string | number>> => ({
  date: new Date().toISOString().slice(0, 10),
  cpu: cpus()[0]?.model ?? "unknown",
  cores: cpus().length,
  memoryGb: Math.round(totalmem() / 1e9),
  node: process.version,
});

/** The middle value, or the mean of the two in the middle; NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.slice(Math.ceil(sorted.length / 2) - 1, Math.floor(sorted.length / 2) + 1);
  return middle.reduce((sum, value) => sum + value, 0) / middle.length;
}

/** Writes a file of bench/results as the project's formatter wants it. */
export async function writeResult(name: string, text: string): Promise<void> {
  const path = join(projectRoot, "bench", "results", name);
  mkdirSync(join(projectRoot, "bench", "results"), { recursive: true });
  const { format, resolveConfig } = await import("prettier");
  const options = { ...(await resolveConfig(path)), filepath: path };
  writeFileSync(path, name.endsWith(".json") ? await format(text, options) : text);
}
