import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runBatchCommand, type BatchCommand } from "../../../../../contracts/batch/command";
import type { BatchReport } from "../../../../../contracts/batch/report";
import { sinkOf, type Format } from "../../../../../contracts/batch/sinks/file";
import { suite } from "../../../../../contracts/suite";

/** Runs `work` with a folder that is gone afterwards. */
export async function withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "meridian-batch-test-"));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const defaults: Omit<BatchCommand, "contract" | "function"> = {
  suite,
  chain: "chain138",
  journalFolder: "/nonexistent",
  isolation: "independent",
  concurrency: 4,
  timeoutMs: 10_000,
  failedOnly: false,
  failFast: false,
};

/** Runs items and gives exit code and output. */
export async function runItems(
  items: readonly unknown[],
  options: Partial<BatchCommand> & Pick<BatchCommand, "contract" | "function" | "rpc">,
  format: Format = "json",
): Promise<{ code: number; text: string; report: BatchReport }> {
  return withFolder(async (folder) => {
    const batchArgs = join(folder, "batch.json");
    writeFileSync(batchArgs, JSON.stringify(items));
    let text = "";
    const sink = sinkOf(format, (part) => (text += part));
    const code = await runBatchCommand({ ...defaults, batchArgs, ...options }, () => [sink]);
    return { code, text, report: (format === "json" ? JSON.parse(text) : undefined) as BatchReport };
  });
}

/** A report without what differs from run to run. */
export const timeless = ({ results, summary, ...header }: BatchReport): object => ({
  ...header,
  file: null,
  results: results.map((result) => ({ ...result, duration_ms: undefined })),
  summary: { total: summary.total, passed: summary.passed, failed: summary.failed, errors: summary.errors },
});
