import { PolicyPack, type ResourceValidationPolicy } from "@pulumi/policy";

import { plainType } from "./resource";
import { rules, type Rule } from "./rules";
import type { PolicySettings } from "./settings";

/** Policies whose list the pack's configuration may replace, and the property that holds it. */
const lists: Readonly<Partial<Record<Rule["name"], string>>> = {
  "allowed-regions": "allowed",
  "allowed-skus": "allowed",
  tagged: "required",
};

/** What the engine does not know in a preview; it is neither wrong nor right. */
const unknown = Symbol("known after the deployment");

/** The SDK hands over proxies that throw at what is unknown, and that an array's own methods cannot work on: a plain copy. */
export function plain(value: unknown): unknown {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return Array.from({ length: value.length }, (_, index) => read(value, index));
  return Object.fromEntries(Object.keys(value).map((key) => [key, read(value as Record<string, unknown>, key)]));
}

function read(from: Readonly<Record<PropertyKey, unknown>> | readonly unknown[], key: string | number): unknown {
  let value: unknown;
  try {
    value = (from as Record<PropertyKey, unknown>)[key];
  } catch {
    return unknown; // UnknownValueError, a class that the SDK keeps to itself
  }
  return plain(value);
}

const policyOf = ({ name, description, check }: Rule): ResourceValidationPolicy => {
  const list = lists[name];
  return {
    ...{ name, description, enforcementLevel: "mandatory" },
    ...(list !== undefined && {
      configSchema: { properties: { [list]: { type: "array" as const, items: { type: "string" as const } } } },
    }),
    validateResource: (args, reportViolation) => {
      const settings = { [name]: args.getConfig<object>() } as PolicySettings;
      const { name: resource, opts } = args;
      const seen = {
        type: plainType(args.type),
        name: resource,
        props: plain(args.props) as Record<string, unknown>,
        protect: opts.protect,
      };
      for (const message of check(seen, settings)) reportViolation(message);
    },
  };
};

/** The policies for `pulumi preview --policy-pack policy/analyzer.mjs` (docs/policies.md). */
export const pack = new PolicyPack("meridian", { policies: rules.map(policyOf) });
