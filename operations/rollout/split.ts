import { isDeepStrictEqual } from "node:util";

import { parse, stringify } from "yaml";

import { MeridianError } from "../../errors";
import { parseFleet, readSettings } from "../../fleet";
import { partsOf, partStack, type Scope } from "../../regions/scope";

/** One stack of a network that is split: its name, what it holds, and the text of its file. */
export interface StackPart {
  readonly part: string;
  readonly scope: Scope;
  readonly stack: string;
  readonly text: string;
}

interface StackFile {
  readonly config?: Readonly<Record<string, unknown>>;
}

const isSecret = (value: unknown): boolean => typeof value === "object" && value !== null && "secure" in value;

/**
 * The stack files of a network's parts: the network's own configuration with another scope. What stands beside `config` in
 * a part's file stays, such as its salt, and so do its secrets.
 *
 * @param base text of `Pulumi.<network>.yaml`
 * @param existing text of a part's file, if there is one
 * @throws MeridianError for a secret in the network's own file, which is encrypted for that stack alone, and for a scope
 * @throws InvalidConfigurationError as {@link parseFleet} does
 */
export function splitConfiguration(
  network: string,
  base: string,
  existing: (stack: string) => string | undefined,
): StackPart[] {
  const { config = {} } = (parse(base) ?? {}) as StackFile;
  const secret = Object.entries(config).find(([, value]) => isSecret(value));
  if (secret !== undefined) {
    throw new MeridianError(`${secret[0]} is a secret of the stack ${network} alone: no other stack can decrypt it.`, {
      hint: "Set it in each part with pulumi config set --secret, and remove it here.",
    });
  }
  const fleet = parseFleet(readSettings(config));
  if (fleet.scope !== "fleet") {
    throw new MeridianError(`meridian:scope of the stack ${network} is "${fleet.scope}": it is a part itself.`, {
      hint: 'Allowed: "fleet", the default.',
    });
  }
  return partsOf(fleet.regions.map(({ name }) => name)).map(({ part, scope }) => {
    const stack = partStack(network, part);
    const now = (parse(existing(stack) ?? "") ?? {}) as StackFile;
    const kept = Object.fromEntries(Object.entries(now.config ?? {}).filter(([, value]) => isSecret(value)));
    parseFleet(readSettings({ ...config, "meridian:scope": scope }));
    const file = { ...now, config: { ...config, "meridian:scope": scope, ...kept } };
    return { part, scope, stack, text: `${headOf(network)}${stringify(file)}` };
  });
}

const headOf = (network: string): string =>
  `# Written by npx meridian config split --stack ${network}: change Pulumi.${network}.yaml instead.\n`;

/** Whether two stack files say the same, comments and order aside. */
export const saysTheSame = (one: string, other: string): boolean => isDeepStrictEqual(parse(one), parse(other));
