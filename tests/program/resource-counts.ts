import { scopeOf } from "./judges";
import type { Registered } from "./program";

interface Count {
  readonly type: string;
  /** In each region. */
  readonly region: number;
  /** In what is global. */
  readonly global: number;
  /** In the whole stack, contracts included. */
  readonly all: number;
}

/** Resources by type, the most frequent first. */
export function countByKind(resources: readonly Registered[], regions: readonly string[]): Count[] {
  const types = [...new Set(resources.map(({ type }) => type))];
  return types
    .map((type) => {
      const scopes = resources.filter((one) => one.type === type).map(({ name }) => scopeOf(name, regions));
      const count = (scope: string | undefined) => scopes.filter((one) => one === scope).length;
      return { type, region: count(regions[0]), global: count("global"), all: scopes.length };
    })
    .sort((a, b) => b.all - a.all || a.type.localeCompare(b.type));
}

/** A Markdown table of them, with the sums, as prettier would write it. */
export function renderCounts(counts: readonly Count[]): string {
  const sum = (key: "region" | "global" | "all") => counts.reduce((total, count) => total + count[key], 0);
  const rows = [
    ["type", "a region", "global", "stack"],
    ...counts.map(({ type, region, global, all }) => [`\`${type}\``, String(region), String(global), String(all)]),
    ["**all**", String(sum("region")), String(sum("global")), String(sum("all"))],
  ];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join(" | ")} |`;
  const rule = `| ${widths.map((width, column) => (column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`)).join(" | ")} |`;
  return [line(rows[0]!), rule, ...rows.slice(1).map(line)].join("\n");
}
