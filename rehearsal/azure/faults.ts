import { MeridianError } from "../../errors";
import { suggest } from "../../regions/suggest";
import { shortType } from "./arm";
import { type FaultKind, faultKinds, type FaultName, resourceWords } from "./fault-catalogue";

/** A fault of the catalogue at a place. */
export interface Fault {
  readonly name: FaultName;
  /** Region (or logical name, for a crash) that it is at; undefined for everywhere. */
  readonly place?: string;
  /** Kind of resources, one of `resourceWords`; undefined for all the fault is for. */
  readonly what?: string;
  readonly value: number;
  /** As it was written. */
  readonly text: string;
}

/** A `--fault` that cannot be understood. */
export class FaultError extends MeridianError {
  override readonly name = "FaultError";
}

const form = "name[@region][:resource][=value], e.g. throttle@japaneast, capacity@uksouth:cluster, flaky=0.02";
const listHint = "`meridian rehearse --list-faults` explains each of them.";

/** The catalogue's entry. */
export const kindOf = (name: FaultName): FaultKind => faultKinds[name];

const isFaultName = (name: string): name is FaultName => Object.hasOwn(faultKinds, name);

const refuse = (text: string, why: string, hint = listHint): never => {
  throw new FaultError(`--fault ${JSON.stringify(text)}: ${why}`, { hint });
};

const near = (word: string, known: readonly string[]): string => {
  const nearest = suggest(word, known);
  return nearest === undefined ? "" : ` Did you mean "${nearest}"?`;
};

/**
 * Reads one `--fault`.
 * @param regions names that may stand after `@`; undefined takes any
 * @throws FaultError naming the part that is wrong and what is allowed
 */
export const parseFault = (text: string, regions?: readonly string[]): Fault => {
  const match = /^([^@:=]*)(?:@([^@:=]*))?(?::([^@:=]*))?(?:=(.*))?$/.exec(text.trim());
  if (match === null) return refuse(text, `it must have the form ${form}.`);
  const [, name = "", place, what, given] = match;
  const names = Object.keys(faultKinds);
  if (!isFaultName(name)) {
    return refuse(text, `there is no fault "${name}".${near(name, names)} Allowed: ${names.join(", ")}.`);
  }
  const kind = kindOf(name);
  checkPlace(text, kind, place, regions);
  checkWhat(text, kind, what);
  return {
    name,
    value: valueOf(text, name, kind, given),
    text: text.trim(),
    ...(place !== undefined && { place }),
    ...(what !== undefined && { what }),
  };
};

const checkPlace = (text: string, kind: FaultKind, place: string | undefined, regions?: readonly string[]): void => {
  if (kind.place === "resource") {
    if (place === undefined || place === "") refuse(text, "it needs a resource's logical name after @.");
    return;
  }
  if (place === undefined) return;
  if (place === "") refuse(text, "a region must follow @.");
  if (regions !== undefined && !regions.includes(place)) {
    refuse(
      text,
      `the stack has no region "${place}".${near(place, regions)} Allowed: ${regions.join(", ")}.`,
      "Name one of the stack's regions, or none for all of them.",
    );
  }
};

const checkWhat = (text: string, kind: FaultKind, what: string | undefined): void => {
  if (what === undefined) return;
  if (kind.place === "resource") refuse(text, "it is at one resource, so no kind of resource may follow.");
  const allowed = kind.what ?? Object.keys(resourceWords);
  if (allowed.includes(what)) return;
  refuse(
    text,
    `"${what}" is no kind of resource that it is for.${near(what, allowed)} Allowed: ${allowed.join(", ")}.`,
  );
};

const valueOf = (text: string, name: FaultName, { value }: FaultKind, given: string | undefined): number => {
  if (value === undefined) return given === undefined ? 0 : refuse(text, `${name} takes no value.`);
  if (given === undefined) return value.default;
  const number = Number(given);
  if (given.trim() !== "" && number >= value.minimum && number <= value.maximum) return number;
  return refuse(
    text,
    `its value is ${JSON.stringify(given)}. Allowed: a number from ${value.minimum} to ${value.maximum} (${value.meaning}).`,
  );
};

/** What a fault looks at. */
export interface FaultTarget {
  readonly type: string;
  readonly region: string;
}

/** Whether a fault concerns an operation: its place and its kind of resource. */
export const concerns = (fault: Fault, { type, region }: FaultTarget): boolean => {
  const { place, what, name } = fault;
  if (kindOf(name).place === "resource") return false;
  if (place !== undefined && place !== region) return false;
  const words = what === undefined ? kindOf(name).what : [what];
  return words === undefined || words.some((word) => resourceWords[word]?.includes(shortType(type)) === true);
};

/** Logical names of resources at whose end the engine is killed. */
export const crashesOf = (faults: readonly Fault[]): string[] =>
  faults.flatMap(({ name, place }) => (name === "crash" && place !== undefined ? [place] : []));

/** How a fault is written: `flaky[@<region>][:<kind>][=<value>]`. */
const formOf = (name: FaultName): string => {
  const kind = kindOf(name);
  if (kind.place === "resource") return `${name}@<resource>`;
  return `${name}[@<region>][:<kind>]${kind.value === undefined ? "" : "[=<value>]"}`;
};

/** A fault's facts for people, heading and text. */
const factsOf = (name: FaultName): (readonly [string, string])[] => {
  const { answer, provider, operator, what, value } = kindOf(name);
  return [
    ["Azure answers", answer],
    ["azure-native", provider],
    ["what to do", operator],
    ...(what === undefined ? [] : [["kinds", what.join(", ")] as const]),
    ...(value === undefined ? [] : [["value", `${value.meaning}, default ${value.default}`] as const]),
  ];
};

const faultNames = Object.keys(faultKinds).filter(isFaultName);

/** The catalogue for people, one paragraph a fault. */
export const describeFaults = (): string =>
  faultNames
    .map((name) => {
      const facts = factsOf(name).map(([heading, text]) => `  ${`${heading}:`.padEnd(15)}${text}`);
      return [formOf(name), `  ${kindOf(name).summary}`, ...facts].join("\n");
    })
    .join("\n\n");

/** The catalogue as docs/rehearsal.md holds it. */
export const faultsPage = (): string =>
  faultNames
    .map((name) => {
      const facts = factsOf(name).map(([heading, text]) => `- ${heading}: ${text}`);
      return [`#### \`${formOf(name)}\``, "", kindOf(name).summary, "", ...facts].join("\n");
    })
    .join("\n\n");
