import { resolve } from "node:path";

import type { Command } from "commander";

import { showProgress } from "../toolchain/progress";
import { ensurePulumi } from "../toolchain/pulumi";
import { onInterrupt } from "./interrupts";
import { rehearsalProgress } from "./rehearsal-progress";

/** Declares `meridian destroy`, behind `npm run destroy`. */
export function addDestroy(program: Command): void {
  program
    .command("destroy")
    .description("Rehearse `pulumi destroy`, and remove what rehearsals have left in .rehearsal/.")
    .option("--stack <name>", "stack to destroy", "dev")
    .option("--folder <path>", "where the rehearsal keeps its state (default: .rehearsal in the checkout)")
    .addHelpText("after", "\nExample:\n  npm run destroy")
    .action(destroy);
}

interface DestroyOptions {
  readonly stack: string;
  readonly folder?: string;
}

async function destroy({ stack, folder }: DestroyOptions): Promise<void> {
  const { pulumi } = await ensurePulumi({ onProgress: showProgress() });
  const { destroyRehearsal } = await import("../rehearsal/rehearse.js");
  const { formatDuration } = await import("../rehearsal/report/format.js");
  const { show, clear } = rehearsalProgress();
  const interrupt = { engine: () => undefined as unknown };
  const signals = onInterrupt(() => interrupt.engine());
  try {
    const run = await destroyRehearsal({
      stack,
      pulumi: pulumi.path,
      ...(folder !== undefined && { folder: resolve(folder) }),
      onProgress: show,
      onStarted: (stop) => (interrupt.engine = stop),
    });
    clear();
    if (run === undefined) {
      process.stdout.write("There is nothing to destroy: no rehearsal has been made here.\n");
    } else if (run.exitCode === 0) {
      const deleted = run.changes.delete ?? 0;
      process.stdout.write(
        `Destroyed stack ${stack}: ${deleted} resources deleted in ${formatDuration(run.virtualMs)} of virtual time. Nothing is left.\n`,
      );
    } else {
      for (const { message } of run.diagnostics) process.stderr.write(`${message}\n`);
      process.exitCode = signals.received() ? 130 : 1;
    }
  } finally {
    clear();
    signals.dispose();
  }
}
