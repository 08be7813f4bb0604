import { z } from "zod";

import { MeridianError } from "../errors";
import { catalogue } from "../regions/catalogue";
import prices from "../regions/data/prices.json";

const level = z.enum(["mandatory", "disabled"], { error: "mandatory or disabled" });
const names = z.array(z.string().min(1)).min(1, { error: "a list of at least one name" });
const plain = z.union([level, z.strictObject({ enforcementLevel: level.optional() })]);
const listed = z.union([level, z.strictObject({ enforcementLevel: level.optional(), allowed: names.optional() })]);

const schema = z.strictObject({
  "no-public-ip-on-validators": plain.optional(),
  "no-local-accounts": plain.optional(),
  "zones-on": plain.optional(),
  "keys-only-in-key-vault": plain.optional(),
  protected: plain.optional(),
  "no-replacement": z
    .union([level, z.strictObject({ enforcementLevel: level.optional(), allowed: names.optional() })])
    .optional(),
  "allowed-regions": listed.optional(),
  "allowed-skus": listed.optional(),
  tagged: z
    .union([level, z.strictObject({ enforcementLevel: level.optional(), required: names.optional() })])
    .optional(),
});

/**
 * Pulumi's own format of a policy pack's configuration (`--policy-pack-config`): by policy, its level, or an object with
 * `enforcementLevel` and the policy's properties. What is not named is mandatory, with the defaults.
 */
export type PolicySettings = z.infer<typeof schema>;

export type PolicyName = keyof PolicySettings;

/** VM sizes and disks whose price is known (regions/data/prices.json), and what egress and monitoring take. */
export const DEFAULT_SKUS: readonly string[] = [
  ...Object.keys(prices.virtualMachines.usd),
  ...["Premium_LRS", "PremiumV2_LRS"],
];

/** Every region of regions/data/regions.json, and what has no place. */
export const DEFAULT_REGIONS: readonly string[] = [...catalogue.map(({ name }) => name), "global"];

/** Tags that Meridian gives all its resources. */
export const DEFAULT_TAGS: readonly string[] = ["meridian-stack", "meridian-region"];

/** A settings file that holds what is no setting. */
export class InvalidPolicySettingsError extends MeridianError {
  override readonly name = "InvalidPolicySettingsError";
}

/** @throws InvalidPolicySettingsError naming the policy and what is allowed */
export function parsePolicySettings(value: unknown, file: string): PolicySettings {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue?.path.length ? `, ${issue.path.join(".")}` : "";
  throw new InvalidPolicySettingsError(`${file}${where}: ${issue?.message ?? "not policy settings"}.`, {
    hint: `Policies: ${Object.keys(schema.shape).join(", ")}; each mandatory or disabled (docs/policies.md).`,
  });
}

/** Whether a policy is not switched off. */
export function isOn(settings: PolicySettings, policy: PolicyName): boolean {
  const own = settings[policy];
  return (typeof own === "object" ? own.enforcementLevel : own) !== "disabled";
}

/** A policy's list of names. */
export function listOf(
  settings: PolicySettings,
  policy: "no-replacement" | "allowed-regions" | "allowed-skus" | "tagged",
  otherwise: readonly string[],
): readonly string[] {
  const own = settings[policy];
  if (typeof own !== "object") return otherwise;
  return ("required" in own ? own.required : "allowed" in own ? own.allowed : undefined) ?? otherwise;
}
