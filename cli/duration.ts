import { InvalidArgumentError } from "commander";

const units: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };

const DAY_MS = 86_400_000;

/** Milliseconds of `90s`, `5m` or `1h`; 0s to a day. @throws InvalidArgumentError */
export function duration(text: string): number {
  const [, count = "", unit = ""] = /^(\d+)([smh])$/.exec(text) ?? [];
  const ms = Number(count) * (units[unit] ?? NaN);
  if (count !== "" && ms <= DAY_MS) return ms;
  throw new InvalidArgumentError("It must be a number and s, m or h, at most a day: 90s, 5m, 1h.");
}
