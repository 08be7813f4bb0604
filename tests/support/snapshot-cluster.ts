import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { SNAPSHOT_LABEL } from "../../components/snapshot-script";

/** A VolumeSnapshot, as far as the policy looks at it. */
export interface Snapshot {
  readonly claim: string;
  readonly name: string;
  /** RFC 3339, as Kubernetes writes it. */
  readonly created: string;
  readonly ready: boolean;
  /** Whether somebody has begun to delete it. @default no */
  readonly deleting?: boolean;
}

export interface PolicyRun {
  readonly code: number;
  /** What the script said of what went wrong. */
  readonly said: string;
  readonly created: readonly string[];
  readonly deleted: readonly string[];
  /** Snapshots whose content in Azure had been marked for deletion before the snapshot was deleted. */
  readonly freed: readonly string[];
  /** The snapshots that the script wrote. */
  readonly manifests: readonly object[];
}

export interface PolicyOptions {
  readonly claims: readonly string[];
  readonly keep: number;
  readonly snapshots?: readonly Snapshot[];
  /** @default snapshots-1 */
  readonly job?: string;
  /** Whether new snapshots become ready. @default yes */
  readonly becomesReady?: boolean;
  /** A call that fails, as the beginning of kubectl's arguments. @default none */
  readonly failing?: string;
}

/** kubectl over one file, a snapshot a line: `claim time|name|ready|deletion`. An unexpected call fails by name. */
const FAKE = `#!/bin/sh
cd "$STATE"
if [ -n "$FAILING" ]; then case "$*" in "$FAILING"*) echo "refused" >&2; exit 1 ;; esac; fi
case "$*" in
  "get volumesnapshot -l ${SNAPSHOT_LABEL}="*) label=$4; sed -n "s/^\${label#*=} //p" snapshots ;;
  "get volumesnapshot "*" --ignore-not-found -o name") grep -q "|$3|" snapshots && echo "volumesnapshot/$3"; exit 0 ;;
  "get volumesnapshot "*" -o jsonpath={.status.boundVolumeSnapshotContentName}") printf 'content-%s' "$3" ;;
  "create -f -")
    json=$(cat)
    echo "$json" | tr -d '\\n' >> manifests; echo >> manifests
    name=$(echo "$json" | sed -n 's/.*"name": "\\([^"]*\\)".*/\\1/p')
    claim=$(echo "$json" | sed -n 's/.*ClaimName": "\\([^"]*\\)".*/\\1/p')
    echo "$claim 2030-01-01T00:00:00Z|$name|$READY|" >> snapshots
    echo "$name" >> created ;;
  "wait volumesnapshot/"*" --for=jsonpath={.status.readyToUse}=true --timeout="*) grep -q "|\${2#*/}|true|" snapshots ;;
  "patch volumesnapshotcontent content-"*" --type=merge -p {\\"spec\\":{\\"deletionPolicy\\":\\"Delete\\"}}") echo "\${3#content-}" >> patched ;;
  "delete volumesnapshot "*" --wait=false")
    if grep -qx "$3" patched; then echo "$3" >> freed; fi
    echo "$3" >> deleted ;;
  *) echo "unexpected: kubectl $*" >&2; exit 64 ;;
esac
`;

/** Runs the policy's script, or one that differs from it, over a cluster that holds these snapshots. */
export function runPolicy(script: string, options: PolicyOptions): PolicyRun {
  const folder = mkdtempSync(join(tmpdir(), "meridian-snapshots-"));
  const lines = (file: string) => readFileSync(join(folder, file), "utf8").split("\n").filter(Boolean);
  const { claims, keep, snapshots = [], job = "snapshots-1", becomesReady = true, failing = "" } = options;
  try {
    const state = snapshots.map(
      ({ claim, created, name, ready, deleting = false }) =>
        `${claim} ${created}|${name}|${ready ? "true" : ""}|${deleting ? created : ""}\n`,
    );
    writeFileSync(join(folder, "snapshots"), state.join(""));
    for (const file of ["manifests", "created", "patched", "deleted", "freed"]) writeFileSync(join(folder, file), "");
    writeFileSync(join(folder, "kubectl"), FAKE, { mode: 0o700 });
    writeFileSync(join(folder, "script.sh"), script);
    const { status, stderr } = spawnSync("/bin/sh", [join(folder, "script.sh"), ...claims], {
      encoding: "utf8",
      env: {
        PATH: `${folder}:/usr/bin:/bin`,
        ...{ STATE: folder, FAILING: failing, READY: becomesReady ? "true" : "" },
        ...{ JOB_NAME: job, SNAPSHOT_CLASS: "validator-data", KEEP: String(keep), WAIT_SECONDS: "60" },
      },
    });
    return {
      code: status ?? -1,
      said: stderr.trim(),
      created: lines("created"),
      deleted: lines("deleted"),
      freed: lines("freed"),
      manifests: lines("manifests").map((line) => JSON.parse(line) as object),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
