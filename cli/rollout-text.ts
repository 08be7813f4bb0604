import { describeWave } from "../operations/rollout/rollout";
import type { RolloutRecord } from "../operations/rollout/record";
import { formatTable } from "../table";

/** The waves as a table, with what became of each. */
export function formatWaves({ stack, waves }: RolloutRecord): string {
  const rows = waves.map((wave, i) => [String(i + 1), wave.state, describeWave(wave), wave.problems.join(" ")]);
  const told = rows.some((row) => row[3] !== "");
  const heading = ["WAVE", "STATE", "WHAT", "PROBLEMS"];
  const shown = [heading, ...rows].map((row) => (told ? row : row.slice(0, 3)));
  return `Rollout of stack ${stack}, ${waves.length} waves\n${formatTable(shown)}\n`;
}

/** What to do after a rollout that is not through; empty when it is. */
export function nextAfter({ stack, waves }: RolloutRecord, rehearsed: boolean): string {
  const left = waves.filter(({ state }) => state !== "done");
  if (left.length === 0) return "";
  const command = `npx meridian rollout --stack ${stack}${rehearsed ? " --rehearse" : ""} --resume`;
  return `${left.length} of ${waves.length} waves are not done. When the cause is gone: ${command}\n`;
}
