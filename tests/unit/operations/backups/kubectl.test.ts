import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { SNAPSHOT_LABEL } from "../../../../components/snapshot-script";
import { claimOf, readSnapshots, SNAPSHOT_OF, stopCommand, swapCommand } from "../../../../operations/backups/kubectl";

const validator = { ordinal: 1 };

/** A kubectl that knows one claim, and writes down what it is told; what is created goes to a file. */
const KUBECTL = `#!/bin/sh
echo "$*" >> calls
case "$*" in
  *restored-from*) [ ! -f created ] || echo snap-2 ;;
  *restored-over*) echo pvc-old ;;
  *volumeName*) [ -f gone ] || echo pvc-old ;;
  *storageClassName*) [ -f gone ] || echo validator-data ;;
  *requests.storage*) [ -f gone ] || echo 256Gi ;;
  *create*) cat > created ;;
esac
`;

function swap(files: readonly string[] = []) {
  const folder = mkdtempSync(join(tmpdir(), "meridian-swap-"));
  writeFileSync(join(folder, "kubectl"), KUBECTL, { mode: 0o755 });
  for (const file of files) writeFileSync(join(folder, file), "");
  const run = () =>
    execFileSync("/bin/sh", ["-c", swapCommand(validator, { name: "snap-2" })], {
      cwd: folder,
      env: { PATH: `${folder}:${process.env.PATH ?? ""}` },
      encoding: "utf8",
    });
  const read = (file: string) => readFileSync(join(folder, file), "utf8");
  return { run, read, remove: () => rmSync(folder, { recursive: true }) };
}

test("the claim is made anew of the snapshot, with class and size of the old one, whose disk is kept", () => {
  const { run, read, remove } = swap();
  expect(run().trim().split("\n").at(-1)).toBe("pvc-old");
  const calls = read("calls").trim().split("\n");
  const at = (part: string) => calls.findIndex((call) => call.includes(part));

  expect(at("patch pv pvc-old")).toBeLessThan(at("delete pvc data-validator-1-0"));
  expect(at("delete pvc")).toBeLessThan(at("create"));
  expect(calls[at("patch pv")]).toContain('{"spec":{"persistentVolumeReclaimPolicy":"Retain"}}');
  expect(JSON.parse(read("created"))).toEqual({
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: {
      name: "data-validator-1-0",
      annotations: { "meridian.io/restored-from": "snap-2", "meridian.io/restored-over": "pvc-old" },
    },
    spec: {
      accessModes: ["ReadWriteOnce"],
      storageClassName: "validator-data",
      dataSource: { apiGroup: "snapshot.storage.k8s.io", kind: "VolumeSnapshot", name: "snap-2" },
      resources: { requests: { storage: "256Gi" } },
    },
  });
  remove();
});

test("done twice it deletes nothing, and names the old disk again", () => {
  const { run, read, remove } = swap();
  run();
  const before = read("calls").split("delete pvc").length;
  expect(run().trim()).toBe("pvc-old");
  expect(read("calls").split("delete pvc")).toHaveLength(before);
  remove();
});

test("cut off after the old claim was deleted, it goes on with the class and size that validators have", () => {
  const { run, read, remove } = swap(["gone"]);
  run();
  expect(JSON.parse(read("created"))).toMatchObject({
    spec: { storageClassName: "validator-data", resources: { requests: { storage: "128Gi" } } },
  });
  expect(read("calls")).not.toContain("patch pv");
  remove();
});

test("reads the snapshots that the policy labels, and nothing of a name gets into the shell", () => {
  expect(SNAPSHOT_OF).toBe(SNAPSHOT_LABEL);
  expect(claimOf(validator)).toBe("data-validator-1-0");
  expect(stopCommand(validator)).toContain("scale statefulset validator-1 --replicas=0 && ");
  for (const name of ["a; rm -rf /", "$(id)", "", "A", "a\nb"])
    expect(() => swapCommand(validator, { name })).toThrow("is no name");
});

test("a list of snapshots tells names, times and what is ready; anything else is an error", () => {
  const metadata = { name: "snap", creationTimestamp: "2026-11-20T00:00:00Z" };
  const list = {
    items: [{ metadata, status: { readyToUse: true, creationTime: "2026-11-20T00:01:00Z" } }, { metadata }],
  };
  expect(readSnapshots(JSON.stringify(list))).toEqual([
    { name: "snap", takenAtMs: Date.parse("2026-11-20T00:01:00Z"), ready: true },
    { name: "snap", takenAtMs: Date.parse("2026-11-20T00:00:00Z"), ready: false },
  ]);
  expect(() => readSnapshots("{}")).toThrow("no list of snapshots");
  expect(() => readSnapshots("error: no resources")).toThrow();
});
