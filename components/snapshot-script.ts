/** Name of the script in its ConfigMap. */
export const SNAPSHOT_FILE = "snapshots.sh";

/** Label of a snapshot that the policy took: the claim that it is of. Snapshots without it are never touched. */
export const SNAPSHOT_LABEL = "meridian.io/snapshot-of";

/**
 * Takes a snapshot of each claim that is named, waits until they are ready, and deletes of each claim what is older than
 * its newest `KEEP` ready ones. So what is not ready counts for nothing, and the newest ready one always stays.
 *
 * A snapshot is named after its claim and `JOB_NAME`: a second pod of the same job finds the first one's and takes no
 * other. Exit code 1 when anything went wrong, after everything else has been done.
 *
 * Where the class retains, a snapshot in Azure outlives its object: whoever deletes the object by mistake has lost
 * nothing. So the policy turns its content to Delete before it deletes it (docs of kubernetes-csi/external-snapshotter).
 *
 * In POSIX sh with kubectl, sort and awk. Environment: `JOB_NAME`; `SNAPSHOT_CLASS`; `KEEP`, snapshots of a claim;
 * `WAIT_SECONDS`, for one snapshot to become ready.
 */
export const SNAPSHOT_SCRIPT = `#!/bin/sh
set -u
failed=0
trouble() { echo "$*" >&2; failed=1; }

take() {
  found=$(kubectl get volumesnapshot "$1-$JOB_NAME" --ignore-not-found -o name) || return 1
  [ -z "$found" ] || return 0
  kubectl create -f - <<END
{
  "apiVersion": "snapshot.storage.k8s.io/v1",
  "kind": "VolumeSnapshot",
  "metadata": { "name": "$1-$JOB_NAME", "labels": { "${SNAPSHOT_LABEL}": "$1" } },
  "spec": { "volumeSnapshotClassName": "$SNAPSHOT_CLASS", "source": { "persistentVolumeClaimName": "$1" } }
}
END
}

# Time of creation|name|ready|time of deletion, a line each.
fields='{.metadata.creationTimestamp}|{.metadata.name}|{.status.readyToUse}|{.metadata.deletionTimestamp}'
lines="jsonpath={range .items[*]}$fields"'{"\\n"}{end}'
expired() {
  list=$(kubectl get volumesnapshot -l "${SNAPSHOT_LABEL}=$1" -o "$lines") || return 1
  printf '%s\\n' "$list" | sort -r | awk -F '|' -v keep="$KEEP" '
    $4 != "" || $2 == "" { next }
    kept >= keep { print $2 }
    $3 == "true" { kept++ }'
}

remove() {
  content=$(kubectl get volumesnapshot "$1" -o 'jsonpath={.status.boundVolumeSnapshotContentName}') || return 1
  if [ -n "$content" ]; then
    kubectl patch volumesnapshotcontent "$content" --type=merge -p '{"spec":{"deletionPolicy":"Delete"}}' || return 1
  fi
  kubectl delete volumesnapshot "$1" --wait=false
}

for claim; do
  take "$claim" || trouble "No snapshot of $claim could be taken."
done
for claim; do
  kubectl wait "volumesnapshot/$claim-$JOB_NAME" --for=jsonpath='{.status.readyToUse}'=true \\
    --timeout="\${WAIT_SECONDS}s" || trouble "The snapshot of $claim is not ready."
  old=$(expired "$claim") || { trouble "The snapshots of $claim cannot be listed."; continue; }
  for name in $old; do
    remove "$name" || trouble "The snapshot $name cannot be deleted."
  done
done
exit "$failed"
`;
