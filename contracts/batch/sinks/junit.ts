import type { ItemResult, ReportHeader } from "../report";
import { printable, type Sink, type Write } from "./sink";

const escapes: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
/** For content and attributes; what XML 1.0 cannot hold at all is made visible or replaced. */
export const xml = (text: string): string =>
  printable(text)
    .replace(/[\p{Surrogate}\ufffe\uffff]/gu, "\ufffd")
    .replace(/[&<>"]/g, (letter) => escapes[letter] ?? letter);

const inSeconds = (ms: number): string => (ms / 1000).toFixed(6);

function testCase(result: ItemResult, { contract, function: fn }: ReportHeader): string {
  const name = `${contract}.${fn}`;
  const open = `  <testcase classname="${xml(name)}" name="${xml(result.label)}" time="${inSeconds(result.duration_ms)}"`;
  if (result.status === "passed") return `${open}/>\n`;
  const lines = result.diff ?? [result.error ?? ""];
  const element = result.status === "failed" ? "failure" : "error";
  const message = xml(lines[0] ?? "");
  return `${open}>\n    <${element} message="${message}">${lines.map(xml).join("\n")}</${element}>\n  </testcase>\n`;
}

/**
 * JUnit XML. Its first line holds the totals, so the cases are kept as text until the end: about 150 bytes an item.
 */
export function junitSink(write: Write): Sink {
  let of: ReportHeader | undefined;
  const cases: string[] = [];
  return {
    begin: (header) => (of = header),
    item: (result) => {
      if (of !== undefined) cases.push(testCase(result, of));
    },
    end: (summary) => {
      const { failed, errors, total_duration_ms } = summary;
      write('<?xml version="1.0" encoding="UTF-8"?>\n');
      write(
        `<testsuite name="meridian batch" tests="${cases.length}" failures="${failed}" errors="${errors}" ` +
          `time="${inSeconds(total_duration_ms)}">\n`,
      );
      for (const each of cases) write(each);
      write("</testsuite>\n");
    },
  };
}
