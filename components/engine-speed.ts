import * as pulumi from "@pulumi/pulumi";

/** Which costs of the Node SDK to avoid. Measured on 1,249 resources: docs/architecture.md. */
export interface EngineSpeed {
  /**
   * `drop` forgets the aliases that azure-native gives each resource for its 25 to 113 older API versions; the SDK
   * would expand every one. `keep` them for one update when a state comes from an older major version of azure-native.
   * @default drop
   */
  readonly versionAliases: "drop" | "keep";
  /**
   * The SDK takes a stack trace for every promise, and ts-node's source-map-support rewrites each of them at once.
   * `short` keeps two frames and leaves them as V8 writes them; `full` is for debugging the program.
   * @default short
   */
  readonly stackTraces: "short" | "full";
}

/** Frames that a short stack trace keeps: the error's own line and its caller's. */
const SHORT_STACK_FRAMES = 2;

/** Applies the settings to everything registered from now on. Call it once, before the first resource. */
export function applyEngineSpeed(speed: EngineSpeed): void {
  if (speed.versionAliases === "drop") pulumi.runtime.registerStackTransformation(dropVersionAliases);
  if (speed.stackTraces === "short") {
    Reflect.deleteProperty(Error, "prepareStackTrace");
    Error.stackTraceLimit = SHORT_STACK_FRAMES;
  }
}

/**
 * Removes azure-native's version aliases from a resource's options, and keeps every alias of ours.
 *
 * An old-style transformation runs inside the resource's constructor, before the SDK expands aliases; the new-style
 * transforms run in the engine, after that cost.
 */
export const dropVersionAliases: pulumi.ResourceTransformation = ({ type, props, opts }) => {
  if (!type.startsWith("azure-native:") || opts.aliases === undefined) return undefined;
  if (!Array.isArray(opts.aliases)) return undefined;
  return { props, opts: { ...opts, aliases: opts.aliases.filter((alias) => !isVersionAlias(alias)) } };
};

/** `{ type: "azure-native:network/v20230201:VirtualNetwork" }`: a type of azure-native and nothing else. */
function isVersionAlias(alias: pulumi.Input<pulumi.URN | pulumi.Alias>): boolean {
  if (typeof alias !== "object" || !("type" in alias) || Object.keys(alias).length !== 1) return false;
  return typeof alias.type === "string" && alias.type.startsWith("azure-native:");
}
