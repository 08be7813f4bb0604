import { MeridianError } from "../errors";
import { suggest } from "./suggest";

/** What of a network a stack holds: all of it, what all regions share, one region, or the contracts. */
export const scopes = ["fleet", "global", "region", "contracts"] as const;

export type Scope = (typeof scopes)[number];

/** What a stack holds. */
export interface StackScope {
  readonly scope: Scope;
  /** Name of the network, which resource groups and tags bear: the stack's, less what follows its last dot. */
  readonly network: string;
  /** The regions that are deployed in it. */
  readonly regions: readonly string[];
}

/** A stack's name that does not go with its scope. */
export class ScopeError extends MeridianError {
  override readonly name = "ScopeError";
}

/** Name of the network whose part a stack is: `fleet` of `fleet.japaneast`, and a whole one's own name. */
export const networkOf = (stack: string, scope: Scope): string =>
  scope === "fleet" ? stack : stack.slice(0, Math.max(0, stack.lastIndexOf(".")));

/** Name of the stack that holds a part of a network: `fleet.global`, `fleet.japaneast`, `fleet.contracts`. */
export const partStack = (network: string, part: string): string => `${network}.${part}`;

/** The parts of a network in the order in which they are deployed; regions by their names. */
export const partsOf = (regions: readonly string[]): { readonly part: string; readonly scope: Scope }[] => [
  { part: "global", scope: "global" },
  ...regions.map((part) => ({ part, scope: "region" as const })),
  { part: "contracts", scope: "contracts" },
];

/**
 * What a stack holds, by its name and its configuration.
 *
 * @param regions of the configuration
 * @throws {ScopeError} for a name that does not end in what the scope asks for: `.global`, `.contracts`, or a region.
 */
export function stackScope(stack: string, scope: Scope, regions: readonly string[]): StackScope {
  if (scope === "fleet") return { scope, network: stack, regions };
  const network = networkOf(stack, scope);
  const part = stack.slice(network.length + 1);
  const allowed = scope === "region" ? regions : [scope];
  if (network !== "" && allowed.includes(part)) return { scope, network, regions: scope === "region" ? [part] : [] };
  const near = suggest(part, allowed);
  const hint = near === undefined ? "" : ` Did you mean "${partStack(network === "" ? stack : network, near)}"?`;
  const names = allowed.map((one) => `<network>.${one}`).join(", ");
  throw new ScopeError(`meridian:scope is "${scope}" and the stack's name is "${stack}".${hint} Allowed: ${names}.`);
}
