import { createHash } from "node:crypto";

import type { Properties } from "../protocol/values";

/** What the simulation must know about one type of Azure resource. */
export interface AzureType {
  /** Resource provider and collections below the resource group, e.g. `Microsoft.Network/virtualNetworks/subnets`. */
  readonly armType: string;
  /** Input that names each collection of `armType`; the last one is the resource's own name. */
  readonly names: readonly string[];
  /** Where it lives; an extension belongs to the resource that an input names. */
  readonly scope: "subscription" | "resourceGroup" | "extension";
  /** Input that names the resource which an extension belongs to. @default "scope" */
  readonly scopeInput?: string;
  /** How azure-native names it when the program does not. @default name and random digits */
  readonly autoName?: "uuid";
  /**
   * Inputs whose change forces a replacement. Source: the path parameters and the properties with
   * `x-ms-mutability: [create, read]` of Azure's REST specifications (Azure/azure-rest-api-specs), which is what
   * azure-native derives its list from; the npm SDK does not carry it.
   */
  readonly replaceOn: readonly string[];
  /** Outputs that only Azure knows before the resource exists. */
  readonly computed: readonly string[];
  /** Values of those outputs. */
  readonly outputs: (inputs: Properties, id: string) => Properties;
}

/** Inputs whose change moves a resource: another group or another region. */
export const located = ["resourceGroupName", "location"] as const;

export const succeeded = { provisioningState: "Succeeded" } as const;

/** Short stable text for host names and principals. */
export const digestOf = (id: string): string => createHash("sha256").update(id).digest("hex").slice(0, 8);

/** A stable UUID-shaped value. */
export const uuidOf = (id: string): string => {
  const [a, b, c, d] = ["a", "b", "c", "d"].map((part) => digestOf(part + id)) as [string, string, string, string];
  return `${a}-${b.slice(0, 4)}-4${b.slice(5)}-8${c.slice(5)}-${c.slice(0, 4)}${d}`;
};
