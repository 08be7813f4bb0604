import { lookupRegion, UnknownRegionError } from "../regions/catalogue";
import { ConfigInputError, type Inputs } from "./config-inputs";

/**
 * Reads a list of regions: one a line, `japaneast` or `japaneast 2`; `#` begins a comment.
 *
 * @throws {ConfigInputError} for the first wrong line.
 */
export function readRegionList(text: string, file: string): Inputs {
  const lineOf = new Map<string, number>();
  const regions = text.split(/\r?\n/).flatMap((raw, i) => {
    const line = raw.replace(/#.*/, "").trim();
    if (line === "") return [];
    const at = `${file}:${i + 1}`;
    const [name = "", count = "1", ...rest] = line.split(/[\s,:=]+/);
    requireRegion(name, at);
    if (rest.length > 0 || !/^\d+$/.test(count)) {
      throw new ConfigInputError(`${at}: "${line}" is not a region and its validators. Write it as "${name} 2".`);
    }
    const first = lineOf.get(name);
    if (first !== undefined) throw new ConfigInputError(`${at}: ${name} is named twice, first in line ${first}.`);
    lineOf.set(name, i + 1);
    return [{ name, validators: Number(count) }];
  });
  if (regions.length === 0) throw new ConfigInputError(`${file}: It names no region. Write one a line, "japaneast 2".`);
  const origins = [...lineOf.values()].map((line, i) => ({ path: ["regions", i], at: `${file}:${line}` }));
  return { given: [{ path: ["regions"], value: regions, at: file }], origins, ignored: [] };
}

function requireRegion(name: string, at: string): void {
  try {
    lookupRegion(name);
  } catch (error) {
    throw error instanceof UnknownRegionError ? new ConfigInputError(`${at}: ${error.message}`) : error;
  }
}
