import {
  examine,
  type Finding,
  type Found,
  parseState,
  pendingOperations,
  settle,
  type StateResource,
  toRefresh,
} from "../operations/pending";
import { MeridianError } from "../errors";
import { armId, azureTypeOf, type Cloud, type Leftover } from "./azure/cloud";
import type { Properties } from "./protocol/values";
import { kubernetesPath, objectId } from "./providers/kubernetes";
import type { Rehearsal } from "./rehearsal";

/** What was adopted could not be read from the cloud. */
export class ResumeError extends MeridianError {
  override readonly name = "ResumeError";
}

/** Where the simulated cloud keeps what a resource of the state stands for; undefined for what no cloud keeps. */
const placeOf = ({ urn, type, inputs = {} }: StateResource): { path: string; id: string } | undefined => {
  const azure = azureTypeOf(type);
  if (azure !== undefined) {
    const id = armId(azure, inputs as Properties);
    return { path: id, id };
  }
  if (!type.startsWith("kubernetes:")) return undefined;
  const id = objectId(inputs as Properties);
  return { path: kubernetesPath(urn.split("::").at(-1) ?? "", type, id), id };
};

const finder =
  (cloud: Cloud, leftovers: readonly Leftover[]) =>
  (resource: StateResource): Found | "none" | undefined => {
    const place = placeOf(resource);
    if (place === undefined) return "none";
    const there = cloud.get(place.path);
    if (there === undefined) return undefined;
    const remainingMs = leftovers.find((leftover) => leftover.resource.id === there.id)?.remainingMs;
    return {
      id: place.id,
      state: there.state === "Failed" ? "failed" : "succeeded",
      ...(remainingMs !== undefined && { remainingMs }),
    };
  };

/**
 * To be called before a run: whatever an engine that was killed had begun is looked for in the cloud. What is there
 * becomes a resource of the stack and is read once; what is not there the run will make. Nothing is deleted.
 * @returns what was found and done, empty after an engine that ended by itself
 * @throws ResumeError when reading the adopted resources fails
 */
export const resume = async (rehearsal: Rehearsal): Promise<readonly Finding[]> => {
  rehearsal.clearLocks();
  const leftovers = rehearsal.cloud.beginRun();
  const state = parseState(await rehearsal.exportState());
  const pending = pendingOperations(state);
  if (pending.length === 0) return [];
  const findings = await examine(pending, finder(rehearsal.cloud, leftovers));
  await rehearsal.importState(JSON.stringify(settle(state, findings)));
  const targets = toRefresh(findings);
  if (targets.length > 0) {
    const { exitCode, diagnostics } = await rehearsal.run("refresh", { parallel: 64, targets });
    if (exitCode !== 0) {
      throw new ResumeError(`What an interrupted run had left could not be read: ${diagnostics[0]?.message ?? ""}`, {
        hint: "Run again; the stack already knows the resources.",
        exitCode: 1,
      });
    }
  }
  return findings.map(({ urn, operation, decision, id, explanation }) => ({
    urn,
    operation,
    decision,
    explanation,
    ...(id !== undefined && { id }),
  }));
};
