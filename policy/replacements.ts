import { plainType, type Violation } from "./resource";
import { isPrecious } from "./rules";
import { isOn, listOf, type PolicySettings } from "./settings";

/** What the engine is about to do to a resource. */
export interface PlannedStep {
  readonly urn: string;
  readonly type: string;
  /** The engine's word: `create`, `update`, `replace`, `delete`, `same`, … */
  readonly op: string;
  /** Properties that make it a replacement, as far as the engine tells. */
  readonly keys?: readonly string[];
}

/** What makes a validator what it is: its machine, its disk, its key, or something that holds one of them. */
export function validatorPart({
  type,
  urn,
}: Pick<PlannedStep, "type" | "urn">): "validator" | "disk" | "key" | undefined {
  const name = urn.split("::").at(-1) ?? urn;
  const plain = plainType(type);
  if (plain === "kubernetes:apps/v1:StatefulSet" && /-validator-\d+-/.test(name)) return "validator";
  if (plain === "azure-native:containerservice:AgentPool" && name.endsWith("-validators")) return "validator";
  if (plain === "kubernetes:storage.k8s.io/v1:StorageClass" || plain.endsWith(":PersistentVolumeClaim")) return "disk";
  if (plain === "azure-native:keyvault:Secret" || plain === "azure-native:keyvault:Vault") return "key";
  if (plain === "random:index/randomBytes:RandomBytes" && name.startsWith("global-key-")) return "key";
  return isPrecious({ type, name }) ? "validator" : undefined;
}

/** Whether a step ends something that was there. */
export const isLoss = ({ op }: Pick<PlannedStep, "op">): boolean => op === "delete" || op === "replace";

/**
 * Policy `no-replacement`: nothing that a validator is made of is replaced or deleted, unless the settings name it.
 *
 * @returns one violation a resource
 */
export function judgeReplacements(steps: readonly PlannedStep[], settings: PolicySettings): Violation[] {
  if (!isOn(settings, "no-replacement")) return [];
  const allowed = new Set(listOf(settings, "no-replacement", []));
  return steps.flatMap((step) => {
    const part = validatorPart(step);
    const name = step.urn.split("::").at(-1) ?? step.urn;
    if (part === undefined || !isLoss(step) || allowed.has(name)) return [];
    const message = `${step.op} of a validator's ${part === "validator" ? "machine" : part}; name it in no-replacement.allowed if that is meant.`;
    return [{ policy: "no-replacement", resource: name, message }];
  });
}
