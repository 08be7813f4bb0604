import { findBesu } from "./besu";
import { findChromium } from "./chromium";
import { etcd, kubeApiserver } from "./cluster-tools";
import { ensureDebianTool } from "./debian-package";
import { ensureGoTool } from "./go-tool";
import { findFoundry } from "./npm-tools";
import { showProgress } from "./progress";
import { promtool } from "./promtool";
import { ensurePulumi } from "./pulumi";
import { ToolMissingError } from "./tool";
import { actionlint, shellcheck } from "./workflow-tools";

type Ensure = () => Promise<unknown>;

const pulumi: Ensure = () => ensurePulumi({ onProgress: showProgress() });

/** What each tier of the tests needs (docs/testing.md). This can always be had: a miss is a failure. */
const needs: Readonly<Record<string, readonly Ensure[]>> = {
  engine: [pulumi, () => findFoundry("anvil")],
  chain: [() => findFoundry("anvil"), () => findFoundry("forge")],
  cluster: [pulumi],
};

/** What a tier needs beside that, and not every machine can have: without it the tier's tests are skipped, by name. */
const wishes: Readonly<Record<string, readonly Ensure[]>> = {
  cluster: [
    () => ensureGoTool(etcd, { onProgress: showProgress() }),
    () => ensureGoTool(kubeApiserver, { onProgress: showProgress() }),
  ],
  besu: [() => findBesu()],
  browser: [() => findChromium()],
  alerts: [() => ensureDebianTool(promtool, { onProgress: showProgress() })],
  workflows: [
    () => ensureGoTool(actionlint, { onProgress: showProgress() }),
    () => ensureDebianTool(shellcheck, { onProgress: showProgress() }),
  ],
};

/** Tiers that cannot run, each with its one-screen reason. */
export interface TestTools {
  /** These fail. */
  readonly missing: Readonly<Record<string, string>>;
  /** These are skipped. */
  readonly skipped: Readonly<Record<string, string>>;
}

/**
 * Gets the tools of the tiers that are about to run, with progress on stderr.
 *
 * @param tiers `undefined` is all of them
 */
export async function ensureTestTools(tiers?: readonly string[]): Promise<TestTools> {
  const selected = (table: typeof needs) => Object.entries(table).filter(([tier]) => tiers?.includes(tier) !== false);
  return { missing: await missesOf(selected(needs)), skipped: await missesOf(selected(wishes)) };
}

async function missesOf(table: readonly (readonly [string, readonly Ensure[]])[]): Promise<Record<string, string>> {
  const misses: Record<string, string> = {};
  for (const [tier, tools] of table) {
    try {
      for (const ensure of tools) await ensure();
    } catch (error) {
      if (!(error instanceof ToolMissingError)) throw error;
      misses[tier] = `${error.message}\n\n${error.hint ?? ""}`;
    }
  }
  return misses;
}
