import { show } from "../../fleet-errors";
import { MeridianError } from "../../errors";

/** A suite that cannot be deployed. Its message names file, contract or call, field, value and what is allowed. */
export class SuiteError extends MeridianError {
  override readonly name = "SuiteError";
}

/** `contracts[2] (CCIPRouter).after[0]`: the place in the file, with the name of what it is about. */
export function placeOf(path: readonly PropertyKey[], name: string | undefined): string {
  return path
    .map((step, index) => {
      const text = typeof step === "number" ? `[${step}]` : `${index === 0 ? "" : "."}${String(step)}`;
      return index === 1 && name !== undefined ? `${text} (${name})` : text;
    })
    .join("");
}

/** An error about one place of a suite. */
export function suiteError(
  where: { readonly path: string | undefined },
  place: string,
  value: unknown,
  problem: string,
): SuiteError {
  const file = where.path ?? "contracts/suite.ts";
  return new SuiteError(`${file}: ${place} is ${show(value)}. ${problem}`, { hint: "The format: docs/contracts.md." });
}
