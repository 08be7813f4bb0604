import * as pulumi from "@pulumi/pulumi";

import table from "./data/timeouts.json";

const types: Readonly<Record<string, pulumi.CustomTimeouts>> = table.types;

/** Gives every resource registered from now on the limits of components/data/timeouts.json. Call it once. */
export function applyTimeouts(): void {
  pulumi.runtime.registerStackTransformation(withTimeouts);
}

/** Limits that a resource brings itself stay. */
export const withTimeouts: pulumi.ResourceTransformation = ({ type, props, opts }) => {
  const customTimeouts = types[type];
  if (customTimeouts === undefined || "customTimeouts" in opts) return undefined;
  return { props, opts: { ...opts, customTimeouts } };
};
