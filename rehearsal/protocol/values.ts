/** A value as the engine's protocol carries it: JSON, with markers for unknowns and secrets. */
export type Value = null | boolean | number | string | readonly Value[] | { readonly [key: string]: Value };
/** Inputs or outputs of a resource. */
export type Properties = Readonly<Record<string, Value>>;

// Markers of Pulumi's wire format (pulumi/pulumi sdk/go/common/resource/plugin/rpc.go, sdk/nodejs/runtime/rpc.ts).
const unknownMarker = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const signatureKey = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

/** Stands for a value that is not known before the deployment. */
export const unknown: Value = unknownMarker;

/** Marks a value as secret, so that the engine encrypts it and never prints it. */
export const secret = (value: Value): Value => ({ [signatureKey]: secretSignature, value });

const isRecord = (value: Value | undefined): value is Readonly<Record<string, Value>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isSecret = (value: Value): value is { readonly value: Value } =>
  isRecord(value) && value[signatureKey] === secretSignature;

const mapObject = (value: Properties, change: (child: Value) => Value): Properties =>
  Object.fromEntries(Object.entries(value).map(([key, child]) => [key, change(child)]));

/** The same value without secret markers, at any depth. */
export const reveal = (value: Value): Value => {
  if (Array.isArray(value)) return (value as readonly Value[]).map(reveal);
  if (!isRecord(value)) return value;
  return isSecret(value) ? reveal(value.value) : mapObject(value, reveal);
};

/** `reveal` for inputs and outputs. */
export const revealAll = (properties: Properties): Properties => mapObject(properties, reveal);

/** Whether a secret is anywhere in it. */
export const holdsSecret = (value: Value): boolean => {
  if (Array.isArray(value)) return (value as readonly Value[]).some(holdsSecret);
  return isRecord(value) && (isSecret(value) || Object.values(value).some(holdsSecret));
};

/** Whether an unknown is anywhere in it. */
export const holdsUnknown = (value: Value): boolean => {
  if (Array.isArray(value)) return (value as readonly Value[]).some(holdsUnknown);
  return isRecord(value) ? Object.values(value).some(holdsUnknown) : value === unknownMarker;
};

/** The text of a property, secret or not; undefined when it is absent, unknown or no text. */
export const textOf = (properties: Properties, key: string): string | undefined => {
  const value = properties[key];
  if (value === undefined) return undefined;
  const shown = reveal(value);
  return typeof shown === "string" && shown !== unknownMarker ? shown : undefined;
};

/** A property that is an object, without its secret markers; empty when absent. */
export const objectOf = (properties: Properties, key: string): Properties => {
  const value = properties[key];
  const shown = value === undefined ? undefined : reveal(value);
  return isRecord(shown) ? shown : {};
};

/** Texts in a property that is a list. */
export const textsOf = (properties: Properties, key: string): string[] => {
  const value = properties[key];
  const shown = value === undefined ? undefined : reveal(value);
  return Array.isArray(shown) ? shown.filter((item): item is string => typeof item === "string") : [];
};
