import { resumeStack } from "../operations/deploy/resume";
import type { Finding, Found, StateResource } from "../operations/pending";
import { armId, azureTypeOf, type Cloud, type Leftover } from "./azure/cloud";
import type { Properties } from "./protocol/values";
import { kubernetesPath, objectId } from "./providers/kubernetes";
import type { Rehearsal } from "./rehearsal";

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
 * To be called before a run, see `resumeStack`; the simulated cloud itself is asked what it has. What it was still
 * creating when the engine was killed it has finished by now.
 */
export const resume = async (rehearsal: Rehearsal): Promise<readonly Finding[]> => {
  rehearsal.clearLocks();
  const leftovers = rehearsal.cloud.beginRun();
  return resumeStack(rehearsal, finder(rehearsal.cloud, leftovers));
};
