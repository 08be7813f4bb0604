import prices from "./data/prices.json";
import { PipelineInputError } from "./input";

const table: Readonly<Record<string, number>> = prices.usd;

/** Names of the runners whose price is known (data/prices.json, with source and date). */
export const pricedRunners: readonly string[] = Object.keys(table);

/**
 * Price of a runner.
 *
 * @param where key, for the message
 * @returns USD a minute
 * @throws PipelineInputError for a runner whose price is not known
 */
export function usdAMinute(runner: string, where: string): number {
  const usd = table[runner];
  if (usd === undefined) throw new PipelineInputError(where, `is "${runner}"`, pricedRunners.join(", "));
  return usd;
}

/** Minutes that are billed for a job: begun ones count whole (GitHub, "Actions runner pricing"). */
export const billedMinutes = (seconds: number): number => (seconds > 0 ? Math.ceil(seconds / 60 - 1e-9) : 0);
