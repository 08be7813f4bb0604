import { readSecretFile } from "../secret-file";
import { PublishInputError } from "./errors";
import type { ServiceName } from "./service";

/** Name of the environment variable that holds a service's API key; with `_FILE` behind it, the path of a file. */
export const keyVariable = (service: ServiceName): string => `MERIDIAN_${service.toUpperCase()}_API_KEY`;

/**
 * A service's API key: out of the file that MERIDIAN_ETHERSCAN_API_KEY_FILE names (mode 600), else out of
 * MERIDIAN_ETHERSCAN_API_KEY. No option holds one, because every account of a machine can read command lines.
 *
 * @throws {PublishInputError} when the file cannot be read, or is readable by others
 */
export function apiKeyOf(service: ServiceName, environment: NodeJS.ProcessEnv = process.env): string | undefined {
  const variable = keyVariable(service);
  const path = environment[`${variable}_FILE`];
  const refuse = (problem: string, remedy: string) => new PublishInputError(problem, remedy);
  const text =
    path === undefined || path === "" ? environment[variable]?.trim() : readSecretFile(path, "API key file", refuse);
  if (text === undefined || text === "") return undefined;
  if (!/^[\x21-\x7e]+$/.test(text)) {
    throw new PublishInputError(
      `The API key of ${service} is not one word of plain characters.`,
      `Correct ${variable}.`,
    );
  }
  return text;
}
