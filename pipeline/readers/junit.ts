import { XMLParser, XMLValidator } from "fast-xml-parser";

import { groupBy } from "../group";
import { PipelineInputError, shown } from "../input";
import { sum } from "../statistics";
import { type Outcome, outcomeOf, type Report } from "./report";

/** An element: attributes as text, children as lists. */
interface Element {
  readonly testsuite?: readonly Element[];
  readonly testcase?: readonly Element[];
  readonly failure?: unknown;
  readonly error?: unknown;
  readonly skipped?: unknown;
  readonly name?: string;
  readonly classname?: string;
  readonly file?: string;
  readonly time?: string;
}

interface Case {
  readonly unit: string;
  readonly name: string;
  readonly seconds: number;
  readonly outcome: Outcome;
}

const allowed = "a JUnit report: testsuites or testsuite, with testcase elements that have name and time";

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: "",
  parseAttributeValue: false,
  parseTagValue: false,
  isArray: (name) => name === "testsuite" || name === "testcase",
});

function secondsOf(time: string | undefined, where: string): number {
  const seconds = Number((time ?? "").replaceAll(",", ""));
  if (time !== undefined && time.trim() !== "" && Number.isFinite(seconds) && seconds >= 0) return seconds;
  throw new PipelineInputError(
    `${where}, time`,
    time === undefined ? "is missing" : `is ${shown(time)}`,
    "seconds, at least 0",
  );
}

const outcome = (element: Element): Outcome =>
  "failure" in element || "error" in element ? "failed" : "skipped" in element ? "skipped" : "passed";

/** The cases of a suite and of those within it. A case is of its file; without one of its class, else of its suite. */
function casesOf(suite: Element, above: Element, file: string): Case[] {
  const within = { file: suite.file ?? above.file, name: suite.name ?? above.name };
  const own = (suite.testcase ?? []).map((element): Case => {
    const name = element.name ?? "";
    const unit = element.file ?? within.file ?? element.classname ?? within.name;
    if (unit === undefined || unit === "") {
      throw new PipelineInputError(`${file}, testcase ${shown(name)}`, "is of no file, class or suite", allowed);
    }
    const seconds = secondsOf(element.time, `${file}, testcase ${shown(name)}`);
    return { unit: unit.replaceAll("\\", "/"), name, seconds, outcome: outcome(element) };
  });
  return [...own, ...(suite.testsuite ?? []).flatMap((inner) => casesOf(inner, within, file))];
}

/**
 * Reads JUnit XML, as pytest, forge, Gradle and others write it: one entry a test file, its cases added up.
 *
 * @throws PipelineInputError for XML that is none, a document type (a report has none, and entities of its own can blow
 * up), or a case without a duration
 */
export function readJunit(text: string, file: string): Report {
  if (/<!DOCTYPE/i.test(text)) throw new PipelineInputError(file, "declares a document type", allowed);
  const valid = XMLValidator.validate(text);
  if (valid !== true) throw new PipelineInputError(`${file}:${valid.err.line}`, `is no XML: ${valid.err.msg}`, allowed);
  const document = parser.parse(text) as Element & { readonly testsuites?: Element | "" };
  if (document.testsuites === undefined && document.testsuite === undefined) {
    throw new PipelineInputError(file, "holds no testsuite", allowed);
  }
  const root = document.testsuites === "" ? {} : (document.testsuites ?? document);
  const cases = groupBy(casesOf({ testsuite: root.testsuite }, {}, file), ({ unit }) => unit);
  const time = root.time === undefined ? undefined : secondsOf(root.time, `${file}, testsuites`);
  return {
    entries: [...cases].map(([name, own]) => {
      const failed = own.flatMap((each) => (each.outcome === "failed" ? [each.name] : []));
      return {
        kind: "test",
        name,
        seconds: sum(own.map(({ seconds }) => seconds)),
        outcome: outcomeOf(own.map((each) => each.outcome)),
        ...(failed.length > 0 && { failed }),
      };
    }),
    wallSeconds: time,
  };
}
