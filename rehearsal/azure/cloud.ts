import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";

import { type Properties, textOf } from "../protocol/values";
import { ArmError, checkInlineSubnets, checkName, checkSubnet } from "./checks";
import { type AzureType, azureTypes } from "./resource-types";

/** The one subscription of the simulated Azure. */
export const subscriptionId = "00000000-0000-4000-8000-000000000138";

/** A resource that exists in the simulated cloud (Azure, or the API server of one of its clusters). */
export interface CloudResource {
  readonly id: string;
  readonly type: string;
  readonly inputs: Properties;
  readonly outputs: Properties;
  /** "Failed": Azure accepted it and could not finish; it exists, can be written again, and can be deleted. */
  readonly state: "Creating" | "Succeeded" | "Failed";
  /** Virtual time of the accepted request. */
  readonly acceptedMs: number;
  /** Virtual time at which Azure will have finished, while it is "Creating". */
  readonly endsMs?: number;
}

/** A resource on which Azure still worked when the run that asked for it ended. */
export interface Leftover {
  readonly resource: CloudResource;
  /** Virtual milliseconds of work that were left. */
  readonly remainingMs: number;
}

/** `atMs` is the virtual time of the change. A run begins at 0 again. */
type Line =
  | { readonly put: CloudResource; readonly atMs?: number }
  | { readonly gone: string; readonly atMs?: number }
  | { readonly run: true };

/** ARM compares ids without regard to case. */
const keyOf = (id: string): string => id.toLowerCase();

const parseLine = (line: string): Line | undefined => {
  try {
    return JSON.parse(line) as Line;
  } catch {
    return undefined; // the last line of a run that was killed while writing: never acknowledged
  }
};

/**
 * What exists, remembered over runs in an append-only file: the cloud does not forget when the engine dies.
 * Values are revealed (a cloud sees secrets), so the file is readable by its owner alone.
 */
export class Cloud {
  private readonly resources = new Map<string, CloudResource>();
  /** The last virtual time of which this run has left a trace. */
  private lastMs = 0;

  /** @param file where it is kept; undefined keeps it in memory only */
  constructor(private readonly file?: string) {
    if (file === undefined || !existsSync(file)) return;
    for (const line of readFileSync(file, "utf8").split("\n").map(parseLine)) {
      if (line !== undefined) this.apply(line);
    }
  }

  get size(): number {
    return this.resources.size;
  }

  get(id: string): CloudResource | undefined {
    return this.resources.get(keyOf(id));
  }

  /** Resources whose id begins with `prefix`. */
  below(prefix: string): CloudResource[] {
    const start = keyOf(prefix);
    return [...this.resources.entries()].filter(([key]) => key.startsWith(start)).map(([, resource]) => resource);
  }

  /** The location of a resource, or of the nearest one that it is part of. */
  locationOf(id: string): string | undefined {
    for (let part = id; part.includes("/"); part = part.slice(0, part.lastIndexOf("/"))) {
      const location = textOf(this.get(part)?.inputs ?? {}, "location");
      if (location !== undefined) return location;
    }
    return undefined;
  }

  /** @param atMs virtual time of the change @default when the resource was accepted */
  put(resource: CloudResource, atMs = resource.acceptedMs): void {
    this.record({ put: resource, atMs });
  }

  remove(id: string): void {
    this.record({ gone: id });
  }

  /**
   * Azure does not stop when the engine dies: what it was still creating then has been finished by the time that anybody
   * comes back. To be called before a run. @returns what that concerns, in the order of the ids
   */
  beginRun(): Leftover[] {
    const leftovers = [...this.resources.values()]
      .filter(({ state }) => state === "Creating")
      .map((resource) => ({ resource, remainingMs: Math.max(0, (resource.endsMs ?? this.lastMs) - this.lastMs) }))
      .sort((a, b) => (a.resource.id < b.resource.id ? -1 : 1));
    for (const { resource, remainingMs } of leftovers) {
      const { id, type, inputs, outputs, acceptedMs } = resource;
      this.put({ id, type, inputs, outputs, acceptedMs, state: "Succeeded" }, this.lastMs + remainingMs);
    }
    if (this.resources.size > 0) this.record({ run: true });
    return leftovers;
  }

  private record(line: Line): void {
    this.apply(line);
    if (this.file === undefined) return;
    mkdirSync(dirname(this.file), { recursive: true });
    appendFileSync(this.file, `${JSON.stringify(line)}\n`, { mode: 0o600 });
  }

  private apply(line: Line): void {
    if ("run" in line) {
      this.lastMs = 0;
      return;
    }
    this.lastMs = Math.max(this.lastMs, line.atMs ?? 0);
    if ("put" in line) this.resources.set(keyOf(line.put.id), line.put);
    else this.resources.delete(keyOf(line.gone));
  }
}

/** The ARM id of a resource from its inputs. */
export const armId = (type: AzureType, inputs: Properties): string => {
  const names = type.names.map((input) => textOf(inputs, input) ?? "");
  if (type.scope === "subscription") return `/subscriptions/${subscriptionId}/${type.armType}/${names.join("/")}`;
  const [namespace = "", ...collections] = type.armType.split("/");
  const path = collections.map((collection, index) => `${collection}/${names[index] ?? ""}`).join("/");
  if (type.scope === "extension") {
    return `${textOf(inputs, type.scopeInput ?? "scope") ?? ""}/providers/${namespace}/${path}`;
  }
  const group = textOf(inputs, "resourceGroupName") ?? "";
  return `/subscriptions/${subscriptionId}/resourceGroups/${group}/providers/${namespace}/${path}`;
};

/** Id of the resource that must exist before this one: its resource group, or the resource that it is part of. */
const parentId = (type: AzureType, id: string): string | undefined => {
  if (type.scope === "subscription") return undefined;
  if (type.scope === "extension") return id.slice(0, id.lastIndexOf("/providers/"));
  const nested = type.names.length > 1;
  return nested ? id.split("/").slice(0, -2).join("/") : id.split("/providers/")[0];
};

const notFound = (type: AzureType, parent: string): ArmError => {
  if (type.names.length > 1) {
    const [namespaceAndPath = ""] = parent.split("/providers/").slice(1);
    const detail = `Can not perform requested operation on nested resource. Parent resource '${namespaceAndPath}' not found.`;
    return new ArmError(404, "ParentResourceNotFound", detail);
  }
  if (type.scope === "extension")
    return new ArmError(404, "ResourceNotFound", `The Resource '${parent}' was not found.`);
  const group = parent.split("/").at(-1) ?? "";
  return new ArmError(404, "ResourceGroupNotFound", `Resource group '${group}' could not be found.`);
};

/**
 * Judges a PUT of a new resource as ARM does before it accepts it.
 * @throws ArmError with ARM's status, code and wording
 */
export const judgePut = (cloud: Cloud, token: string, type: AzureType, inputs: Properties): void => {
  const badName = checkName(token, inputs);
  if (badName !== undefined) throw badName;

  const id = armId(type, inputs);
  const parent = parentId(type, id);
  const parentResource = parent === undefined ? undefined : cloud.get(parent);
  if (parent !== undefined && parentResource === undefined) throw notFound(type, parent);

  const existing = cloud.get(id);
  if (existing !== undefined) throw conflict(existing, inputs, id);

  const badSubnet = token === "azure-native:network:VirtualNetwork" ? checkInlineSubnets(inputs) : undefined;
  if (badSubnet !== undefined) throw badSubnet;

  if (token === "azure-native:network:Subnet" && parentResource !== undefined) {
    const siblings = cloud.below(`${parentResource.id}/subnets/`).filter((sibling) => keyOf(sibling.id) !== keyOf(id));
    const refusal = checkSubnet(inputs, parentResource, siblings);
    if (refusal !== undefined) throw refusal;
  }
};

/** A second resource of the same name in one resource group, e.g. two clusters. */
const conflict = (existing: CloudResource, inputs: Properties, id: string): ArmError => {
  const name = id.split("/").at(-1) ?? "";
  const group = textOf(inputs, "resourceGroupName") ?? "";
  const [there, here] = [textOf(existing.inputs, "location"), textOf(inputs, "location")];
  if (there !== undefined && here !== undefined && there !== here) {
    const detail = `The resource '${name}' already exists in location '${there}' in resource group '${group}'. A resource with the same name cannot be created in location '${here}'. Please select a new resource name.`;
    return new ArmError(409, "InvalidResourceLocation", detail);
  }
  const detail = `Operation is not allowed because there's an in progress create operation on the resource '${name}' in resource group '${group}'.`;
  return new ArmError(409, "OperationNotAllowed", detail);
};

/** The type's entry, or undefined for one that the rehearsal does not model. */
export const azureTypeOf = (token: string): AzureType | undefined => azureTypes[token];
