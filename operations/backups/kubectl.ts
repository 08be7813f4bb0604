import type { OperatedValidator } from "../regions/network";
import type { DiskSnapshot } from "./restore-plan";

/** Label of the snapshots that the policy takes (components/snapshot-script.ts, which a test compares). */
export const SNAPSHOT_OF = "meridian.io/snapshot-of";

/** Annotation of a claim that a restore has made: the snapshot that it is of. */
const RESTORED_FROM = "meridian.io/restored-from";

const KUBECTL = "kubectl --namespace besu";

type Which = Pick<OperatedValidator, "ordinal">;

const setOf = ({ ordinal }: Which): string => `validator-${ordinal}`;

/** Name of a validator's claim: of its StatefulSet's template, the set, and its one pod. */
export const claimOf = (validator: Which): string => `data-${setOf(validator)}-0`;

/** Name of a validator's key in its region's vault. */
export const keyNameOf = (validator: Which): string => `${setOf(validator)}-key`;

/** Kubernetes' own rule for names (RFC 1123 subdomain): nothing else gets into a command. */
const NAME = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/;

function nameOf(snapshot: string): string {
  if (NAME.test(snapshot)) return snapshot;
  throw new Error(`"${snapshot}" is no name of a snapshot.`);
}

/** Prints the claim's snapshots as JSON. */
export const listCommand = (validator: Which): string =>
  `${KUBECTL} get volumesnapshot --selector ${SNAPSHOT_OF}=${claimOf(validator)} --output json`;

/** Ends the validator's pod, and waits until it has. */
export const stopCommand = (validator: Which): string =>
  [
    `${KUBECTL} scale statefulset ${setOf(validator)} --replicas=0`,
    `${KUBECTL} wait --for=delete pod/${setOf(validator)}-0 --timeout=180s`,
  ].join(" && ");

export const startCommand = (validator: Which): string =>
  `${KUBECTL} scale statefulset ${setOf(validator)} --replicas=1`;

/**
 * Puts a claim made of the snapshot in the place of the validator's claim. The old disk is kept, whatever its class says.
 * A claim that is of this snapshot already is left alone. Prints the name of the old volume on its last line.
 */
export function swapCommand(validator: Which, { name }: Pick<DiskSnapshot, "name">): string {
  const claim = claimOf(validator);
  const snapshot = nameOf(name);
  const manifest = JSON.stringify({
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name: claim, annotations: { [RESTORED_FROM]: snapshot, "meridian.io/restored-over": "$old" } },
    spec: {
      accessModes: ["ReadWriteOnce"],
      storageClassName: "$class",
      dataSource: { apiGroup: "snapshot.storage.k8s.io", kind: "VolumeSnapshot", name: snapshot },
      resources: { requests: { storage: "$size" } },
    },
  }).replaceAll('"', '\\"');
  const read = (path: string) => `$(${KUBECTL} get pvc ${claim} --ignore-not-found --output 'jsonpath=${path}')`;
  const annotation = (key: string) => `{.metadata.annotations.${key.replaceAll(".", "\\.")}}`;
  return [
    "set -eu",
    `if [ "${read(annotation(RESTORED_FROM))}" = "${snapshot}" ]; then ${KUBECTL} get pvc ${claim} --output 'jsonpath=${annotation("meridian.io/restored-over")}'; exit 0; fi`,
    `old=${read("{.spec.volumeName}")}; class=${read("{.spec.storageClassName}")}; size=${read("{.spec.resources.requests.storage}")}`,
    `if [ -n "$old" ]; then kubectl patch pv "$old" --patch '{"spec":{"persistentVolumeReclaimPolicy":"Retain"}}'; fi`,
    `${KUBECTL} delete pvc ${claim} --ignore-not-found --wait --timeout=180s`,
    // Run again after it was cut off right here, it finds no claim: these are components/validator.ts' own.
    "class=${class:-validator-data}; size=${size:-128Gi}",
    `printf '%s' "${manifest}" | ${KUBECTL} create --filename -`,
    'echo "$old"',
  ].join("\n");
}

/** What `listCommand` printed. @throws Error for what is no list of snapshots */
export function readSnapshots(logs: string): DiskSnapshot[] {
  const { items } = JSON.parse(logs) as { readonly items?: readonly Listed[] };
  if (!Array.isArray(items)) throw new Error("The cluster answered with no list of snapshots.");
  return (items as readonly Listed[]).map(({ metadata, status }) => ({
    name: metadata.name,
    takenAtMs: Date.parse(status?.creationTime ?? metadata.creationTimestamp),
    ready: status?.readyToUse === true,
  }));
}

interface Listed {
  readonly metadata: { readonly name: string; readonly creationTimestamp: string };
  readonly status?: { readonly readyToUse?: boolean; readonly creationTime?: string };
}
