import { isMap, isScalar, isSeq, LineCounter, parseDocument, type Document } from "yaml";

import { type Fleet, InvalidConfigurationError, parseFleet, readSettings } from "../fleet";
import { ConfigInputError, type Given, type Inputs, type SettingPath } from "./config-inputs";

/** What generating a stack file would do, or has done. */
export interface Generated {
  /** The whole file; as it was where nothing changes. */
  readonly text: string;
  /** One line a change: `+ meridian:regions japaneast 2`. */
  readonly changes: readonly string[];
  readonly fleet: Fleet;
}

const HEADER = " Written by `meridian config generate`; keys and units: docs/configuration.md.";

/**
 * Puts settings into the text of a stack file, and leaves comments, other settings and other namespaces alone.
 *
 * @param text the file as it is, or undefined where there is none
 * @param file its name, for messages
 * @throws {ConfigInputError} for a configuration that is refused, with the file and line that gave the wrong value.
 */
export function generateStackFile(text: string | undefined, file: string, { given, origins }: Inputs): Generated {
  const lines = new LineCounter();
  const document = parseDocument(text ?? "", { lineCounter: lines });
  const [broken] = document.errors;
  if (broken)
    throw new ConfigInputError(`${file}:${lines.linePos(broken.pos[0]).line}: It is not YAML: ${broken.code}.`);
  if (document.contents !== null && !isMap(document.contents)) {
    throw new ConfigInputError(`${file}:1: It is not a stack file: a mapping with "config".`);
  }
  if (text === undefined) document.commentBefore = HEADER;
  const before = settingsOf(document);
  for (const setting of given) put(document, setting);
  if (!document.hasIn(["config", "meridian:contracts", "chains"]) && document.hasIn(["config", "meridian:contracts"])) {
    document.setIn(["config", "meridian:contracts", "chains"], document.createNode({}));
  }
  const after = settingsOf(document);

  /** Where a value came from: the nearest input, else its line in the stack file. */
  const originOf = (path: SettingPath): string => {
    for (let length = path.length; length > 0; length--) {
      const prefix = path.slice(0, length);
      const origin = [...origins, ...given].findLast((one) => samePath(one.path, prefix));
      if (origin) return origin.at;
      const node = document.getIn(["config", `meridian:${String(prefix[0])}`, ...prefix.slice(1)], true);
      const start = (node as { range?: readonly number[] } | undefined)?.range?.[0];
      if (start !== undefined) return `${file}:${lines.linePos(start).line}`;
    }
    return file;
  };
  try {
    const changes = describeChanges(before, after);
    return {
      text: changes.length === 0 ? (text ?? "") : document.toString({ lineWidth: 0 }),
      changes,
      fleet: parseFleet(after),
    };
  } catch (error) {
    if (!(error instanceof InvalidConfigurationError)) throw error;
    throw new ConfigInputError(`${originOf(pathOf(error.message))}: ${error.message}`);
  }
}

const settingsOf = (document: Document): Record<string, unknown> =>
  readSettings(((document.toJS() as { config?: Record<string, unknown> } | null)?.config ?? {}) satisfies object);

function put(document: Document, { path, value }: Given): void {
  const [name, ...inner] = path;
  const full = ["config", `meridian:${String(name)}`, ...inner];
  for (let length = 1; length < full.length; length++) makeMapping(document, full.slice(0, length));
  // A chain that is there keeps its settings.
  if (isEmptyMapping(value) && isMap(document.getIn(full, true))) return;
  if (JSON.stringify(toPlain(document, full)) === JSON.stringify(value)) return;
  const node = document.createNode(value);
  if (isSeq(node)) for (const item of node.items) if (isMap(item)) item.flow = true;
  document.setIn(full, node);
}

/**
 * Makes a mapping of what is nothing (`config:` alone), or a mapping as JSON text, as `pulumi config set` may write it.
 *
 * @throws {ConfigInputError} for anything else that is no mapping.
 */
function makeMapping(document: Document, path: readonly (string | number)[]): void {
  const node = document.getIn(path, true);
  if (!isScalar(node)) return;
  const value: unknown = node.value === null ? {} : tryJson(node.value);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new ConfigInputError(`${path.join(".")} of the stack file is not a mapping. Make it one, or remove it.`);
  }
  document.setIn(path, document.createNode(value));
}

function tryJson(text: unknown): unknown {
  try {
    return JSON.parse(String(text));
  } catch {
    return undefined;
  }
}

const isEmptyMapping = (value: unknown): boolean =>
  typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length === 0;

function toPlain(document: Document, path: SettingPath): unknown {
  let value: unknown = document.toJS();
  for (const step of path) value = (value as Record<string | number, unknown> | null | undefined)?.[step];
  return value;
}

const samePath = (a: SettingPath, b: SettingPath): boolean =>
  a.length === b.length && a.every((step, i) => step === b[i]);

/** `meridian:regions[2].name is …` as `["regions", 2, "name"]`. */
function pathOf(message: string): SettingPath {
  const [, key = ""] = /^meridian:(\S+) is /.exec(message) ?? [];
  return [...key.matchAll(/[^.[\]]+/g)].map(([step]) => (/^\d+$/.test(step) ? Number(step) : step));
}

type Settings = Readonly<Record<string, unknown>>;

/** The differences, regions by name and the rest by setting, in the order of the file. */
function describeChanges(before: Settings, after: Settings): string[] {
  const [old, now] = [flatten(before), flatten(after)];
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((key) => {
    const [from, to] = [old.get(key), now.get(key)];
    if (from === to) return [];
    if (from === undefined) return [`+ meridian:${key} ${to ?? ""}`];
    return [to === undefined ? `- meridian:${key} ${from}` : `~ meridian:${key} ${from} -> ${to}`];
  });
}

function flatten(settings: Settings, prefix = ""): Map<string, string> {
  const flat = new Map<string, string>();
  for (const [key, value] of Object.entries(settings)) {
    const path = `${prefix}${key}`;
    if (path === "regions" && Array.isArray(value)) {
      for (const region of value as { name?: string; validators?: number }[]) {
        flat.set(`regions ${String(region.name)}`, JSON.stringify(region.validators ?? 1));
      }
    } else if (typeof value === "object" && value !== null && !Array.isArray(value) && !isEmptyMapping(value)) {
      for (const [inner, text] of flatten(value as Settings, `${path}.`)) flat.set(inner, text);
    } else flat.set(path, JSON.stringify(value));
  }
  return flat;
}
