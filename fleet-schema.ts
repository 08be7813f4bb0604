import { z } from "zod";

import { unknownSetting } from "./fleet-errors";

/** A mapping with these settings and no others. */
export const settings = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys"
        ? unknownSetting(issue.keys[0] ?? "", Object.keys(shape))
        : `Allowed: a mapping with ${Object.keys(shape).join(", ")}.`,
  });

export const wholeNumber = (from: number, to: number, what: string) => {
  const error = `Allowed: a whole number from ${from} to ${to} (${what}).`;
  return z.int({ error }).min(from, { error }).max(to, { error });
};

export const text = (what: string, pattern = /\S/) => {
  const error = `Allowed: text, ${what}; in quotes.`;
  return z.string({ error }).regex(pattern, { error });
};

export const choice = <const Values extends readonly string[]>(...values: Values) =>
  z.enum(values, { error: `Allowed: ${values.map((value) => `"${value}"`).join(" or ")}.` });

export const flag = z.boolean({ error: "Allowed: true or false, without quotes." });

export const vmSize = text('an Azure VM size, such as "Standard_D4s_v5"', /^[A-Z][A-Za-z]+_[A-Za-z0-9_-]+$/);

export const ipv4Ranges = z.array(text("an IPv4 range in CIDR notation", /^\d{1,3}(\.\d{1,3}){3}\/\d{1,2}$/), {
  error: "Allowed: a list of IPv4 ranges.",
});
