import { MeridianError } from "../errors";

/** A place inside the stack's configuration: `["chain", "chainId"]`. */
export type SettingPath = readonly (string | number)[];

/** One setting that an input gives. */
export interface Given {
  readonly path: SettingPath;
  readonly value: unknown;
  /** Where it stands: `fleet.txt:3`. */
  readonly at: string;
}

export interface Inputs {
  readonly given: readonly Given[];
  /** Places of parts of a value, such as one region of the list; for messages only. */
  readonly origins: readonly { readonly path: SettingPath; readonly at: string }[];
  /** Names in the input that are no settings of Meridian. */
  readonly ignored: readonly string[];
}

/** An input file that is wrong. Its message begins with file and line, and quotes no value of a `.env`. */
export class ConfigInputError extends MeridianError {
  override readonly name = "ConfigInputError";
}
