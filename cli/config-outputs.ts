import { isMap, isSeq, LineCounter, type Node, parseDocument } from "yaml";

import { settingNames } from "../fleet";
import { VARIABLES } from "./config-env";
import { ConfigInputError, type Given, type Inputs, type SettingPath } from "./config-inputs";

/**
 * Reads the outputs of Terraform (`terraform output -json`) or of a stack (`pulumi stack output --json`).
 *
 * An output is a setting if its name is one (`regions`, `chain`, `network`), or a variable's in lower case
 * (`block_period_seconds`). Regions are a list of names, a list of { name, validators }, or a mapping of names to numbers.
 *
 * @throws {ConfigInputError} for what is no JSON object, an unknown region, or a setting that is marked sensitive.
 */
export function readOutputs(text: string, file: string): Inputs {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [broken] = document.errors;
  if (broken)
    throw new ConfigInputError(`${file}:${lines.linePos(broken.pos[0]).line}: It is not JSON: ${broken.code}.`);
  if (!isMap(document.contents)) throw new ConfigInputError(`${file}:1: It is not a JSON object of outputs.`);

  const given: Given[] = [];
  const origins: { path: SettingPath; at: string }[] = [];
  const ignored: string[] = [];
  const lineAt = (node: unknown) => lines.linePos((node as Node | null)?.range?.[0] ?? 0).line;
  for (const { key, value: node } of document.contents.items) {
    const name = String(key);
    const at = `${file}:${lineAt(key)}`;
    const isTerraform = isMap(node) && node.has("value") && (node.has("type") || node.has("sensitive"));
    const inner: unknown = isTerraform ? node.get("value", true) : node;
    const value = toPlain(inner);
    const variable = VARIABLES[`MERIDIAN_${name.replace(/^meridian_/, "").toUpperCase()}`];
    if (!settingNames.includes(name) && variable === undefined) {
      ignored.push(name);
    } else if (isTerraform && toPlain(node.get("sensitive", true)) === true) {
      throw new ConfigInputError(`${at}: ${name} is sensitive, and would be written in the clear. Leave it out.`);
    } else if (variable !== undefined) {
      given.push({ path: variable[0].split("."), value: variable[1] === "presence" ? {} : value, at });
    } else if (name === "regions") {
      given.push({ path: ["regions"], value: toRegions(value), at });
      const items = isSeq(inner) || isMap(inner) ? inner.items : [];
      items.forEach((item, i) => {
        origins.push({
          path: ["regions", i],
          at: `${file}:${lineAt(isMap(inner) ? (item as { key: unknown }).key : item)}`,
        });
      });
    } else given.push(...leaves([name], value, at));
  }
  return { given, origins, ignored };
}

const toPlain = (node: unknown): unknown =>
  typeof node === "object" && node !== null && "toJSON" in node ? (node as { toJSON(): unknown }).toJSON() : node;

function toRegions(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => (typeof item === "string" ? { name: item } : item));
  if (typeof value !== "object" || value === null) return value;
  return Object.entries(value).map(([name, validators]: [string, unknown]) => ({ name, validators }));
}

/** One entry for each value inside, so that two inputs may each give a part of one setting. */
function leaves(path: SettingPath, value: unknown, at: string): Given[] {
  if (typeof value !== "object" || value === null || Array.isArray(value) || Object.keys(value).length === 0) {
    return [{ path, value, at }];
  }
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]) => leaves([...path, key], inner, at));
}
