import * as pulumi from "@pulumi/pulumi";
import * as debuggable from "@pulumi/pulumi/runtime/debuggable";

/** Which costs of the Node SDK to avoid; what each is worth is measured in docs/performance.md. */
export interface EngineSpeed {
  /**
   * `drop` forgets the aliases that azure-native gives each resource for its 25 to 113 older API versions; the SDK
   * would expand every one. `keep` them for one update when a state comes from an older major version of azure-native.
   * @default drop
   */
  readonly versionAliases: "drop" | "keep";
  /**
   * The SDK takes a stack trace for every promise, and ts-node's source-map-support rewrites each of them at once.
   * `short` takes none for promises, and keeps two frames of an error as V8 writes them; `full` is for debugging the
   * program.
   * @default short
   */
  readonly stackTraces: "short" | "full";
  /**
   * The SDK sends the engine some three messages a resource, one after the other, for `pulumi up --debug` to show.
   * `drop` sends none; `keep` is for debugging the program.
   * @default drop
   */
  readonly debugMessages: "drop" | "keep";
}

/** Frames that a short stack trace keeps: the error's own line and its caller's. */
const SHORT_STACK_FRAMES = 2;

/** Applies the settings to everything registered from now on. Call it once, before the first resource. */
export function applyEngineSpeed(speed: EngineSpeed): void {
  if (speed.versionAliases === "drop") pulumi.runtime.registerStackTransformation(dropVersionAliases);
  if (speed.stackTraces === "short") {
    Reflect.deleteProperty(Error, "prepareStackTrace");
    Error.stackTraceLimit = SHORT_STACK_FRAMES;
    takeNoStacksForPromises(debuggable);
  }
  if (speed.debugMessages === "drop") Object.assign(pulumi.log, { debug: () => Promise.resolve() });
}

/** `@pulumi/pulumi/runtime/debuggable`, whose declaration file leaves out what is internal. */
export interface SdkPromises {
  debuggablePromise?: <T>(promise: Promise<T>, context?: unknown) => Promise<T>;
}

/**
 * Makes the SDK's own wrapper of promises capture no frames; it goes on looking for promises that never settle. The
 * SDK calls it through the module's exports, so it can be replaced there; one that is not there is left alone.
 */
export function takeNoStacksForPromises(sdk: SdkPromises): void {
  const { debuggablePromise } = sdk;
  if (debuggablePromise === undefined) return;
  sdk.debuggablePromise = (promise, context) => {
    const frames = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    try {
      return debuggablePromise(promise, context);
    } finally {
      Error.stackTraceLimit = frames;
    }
  };
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
