import type { Command } from "commander";

import { numberList, readDurations } from "./ci-inputs";
import { printJson } from "./output";

interface ReplayOptions {
  readonly train: string;
  readonly judge: string;
  readonly shards: readonly number[];
  readonly json?: boolean;
}

/** Declares `meridian ci replay`. */
export function addReplay(ci: Command): void {
  ci.command("replay")
    .description("Rank the strategies on recorded durations: planned with some, judged by later ones.")
    .requiredOption("--train <file>", "durations to plan with: CSV (file,seconds) or a history (.jsonl)")
    .requiredOption("--judge <file>", "durations to judge by, recorded later")
    .option("--shards <list>", "numbers of shards", numberList, [4, 8, 16])
    .option("--json", "print the replay as JSON")
    .addHelpText(
      "after",
      `
Exit code 0: ranked; 2: bad input.

Example:
  npx meridian ci replay --train pipeline/data/durations-2025-09-06.csv --judge pipeline/data/durations-2025-09-15.csv`,
    )
    .action(async ({ train, judge, shards, json = false }: ReplayOptions) => {
      const { replay } = await import("../pipeline/replay.js");
      const { formatReplay, replayJson } = await import("./ci-text.js");
      const result = replay(readDurations(train), readDurations(judge), shards);
      if (json) printJson(replayJson(result, { train, judge }));
      else process.stdout.write(formatReplay(result, { train, judge }));
    });
}
