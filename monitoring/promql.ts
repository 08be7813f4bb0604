/** Words of PromQL that are neither functions nor series. */
const KEYWORDS = new Set(["and", "or", "unless", "bool", "offset", "inf", "nan", "start", "end", "atan2"]);

/** Words that a list of labels follows. */
const LABEL_LISTS = /\b(by|without|on|ignoring|group_left|group_right)\s*(\([^)]*\))?/gi;

/**
 * Names of the series that an expression reads, each once, in order. Grafana's variables (`$region`, `${region}`) may
 * stand where a value may.
 */
export function seriesOf(expression: string): string[] {
  const bare = expression
    .replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g, '""')
    .replace(/\{[^}]*\}/g, " ")
    .replace(/\[[^\]]*\]/g, " ")
    .replace(LABEL_LISTS, " ")
    .replace(/\$\w+/g, " ");
  const names = [...bare.matchAll(/(?<![\w.:])([a-zA-Z_:][\w:]*)(\s*\()?/g)]
    .filter(([, , call]) => call === undefined)
    .map(([, name = ""]) => name)
    .filter((name) => !KEYWORDS.has(name.toLowerCase()));
  return [...new Set(names)];
}
