import fc from "fast-check";

import { SNAPSHOT_SCRIPT } from "../../../components/snapshot-script";
import { type PolicyOptions, type PolicyRun, runPolicy, type Snapshot } from "../../support/snapshot-cluster";

const claim = "data-validator-0-0";
const run = (options: Partial<PolicyOptions>) => runPolicy(SNAPSHOT_SCRIPT, { claims: [claim], keep: 2, ...options });
/** Snapshots of a claim, the oldest first, a day each: `r` is ready, `w` waits or has failed, `d` is being deleted. */
const history = (states: string, of = claim): Snapshot[] =>
  Array.from(states, (state, day) => ({
    claim: of,
    name: `${of}-day-${String(day).padStart(2, "0")}`,
    created: `2026-01-${String(day + 1).padStart(2, "0")}T03:00:00Z`,
    ready: state !== "w",
    deleting: state === "d",
  }));
const days = (...numbers: number[]) => numbers.map((day) => `${claim}-day-${String(day).padStart(2, "0")}`);

/** What is wrong with what a run deleted, whatever it is that it should have deleted. */
function wrongs(before: readonly Snapshot[], keep: number, { created, deleted, freed }: PolicyRun): string[] {
  const newestFirst = [...before].filter(({ deleting }) => deleting !== true).reverse();
  const readyNames = [...created, ...newestFirst.filter(({ ready }) => ready).map(({ name }) => name)];
  const oldestKept = readyNames[keep - 1];
  const older = newestFirst.map(({ name }) => name);
  const expected = created[0] === oldestKept ? older : older.slice(older.indexOf(oldestKept ?? "") + 1);
  return [
    ...deleted.filter((name) => readyNames.slice(0, keep).includes(name)).map((name) => `${name} had to stay`),
    ...(oldestKept === undefined ? [] : expected)
      .filter((name) => !deleted.includes(name))
      .map((name) => `${name} had to go`),
    ...deleted.filter((name) => !freed.includes(name)).map((name) => `${name} stays in Azure, where nobody sees it`),
  ];
}

describe("the snapshot policy's script", () => {
  it("takes a snapshot of each claim, of the policy's class and under its label", () => {
    const { code, said, manifests, deleted } = run({ claims: [claim, "data-validator-1-0"] });

    expect({ code, said, deleted }).toEqual({ code: 0, said: "", deleted: [] });
    expect(manifests).toEqual(
      [claim, "data-validator-1-0"].map((source) => ({
        apiVersion: "snapshot.storage.k8s.io/v1",
        kind: "VolumeSnapshot",
        metadata: { name: `${source}-snapshots-1`, labels: { "meridian.io/snapshot-of": source } },
        spec: { volumeSnapshotClassName: "validator-data", source: { persistentVolumeClaimName: source } },
      })),
    );
  });

  it("takes no second one when its job begins anew", () => {
    const first = { claim, name: `${claim}-snapshots-1`, created: "2026-02-01T00:00:00Z", ready: true };

    expect(run({ snapshots: [first] })).toMatchObject({ code: 0, created: [], deleted: [] });
  });

  it("keeps the newest ready ones, the new one among them, and frees in Azure what it deletes", () => {
    const { deleted, freed } = run({ snapshots: history("rrrr") });

    expect(deleted).toEqual(days(2, 1, 0));
    expect(freed).toEqual(deleted);
  });

  it("deletes what never became ready once enough newer ones are, and not before", () => {
    expect(run({ keep: 2, snapshots: history("wrw") }).deleted).toEqual(days(0));
    expect(run({ keep: 3, snapshots: history("wrw") }).deleted).toEqual([]);
  });

  it("deletes none of another claim's", () => {
    const other = history("rrrr", "data-validator-1-0");

    expect(run({ keep: 1, snapshots: [...other, ...history("rr")] }).deleted).toEqual(days(1, 0));
  });

  it("fails, and keeps as many ready ones as before, when the new one does not become ready", () => {
    const { code, said, deleted } = run({ snapshots: history("rrr"), becomesReady: false });

    expect(code).toBe(1);
    expect(said).toBe(`The snapshot of ${claim} is not ready.`);
    expect(deleted).toEqual(days(0));
  });

  it.each([
    ["create", `refused\nNo snapshot of ${claim} could be taken.\nThe snapshot of ${claim} is not ready.`, days(0)],
    ["get volumesnapshot -l", `refused\nThe snapshots of ${claim} cannot be listed.`, []],
    // A snapshot whose content is still to be retained would be lost sight of, and billed for ever.
    ["patch", `refused\nThe snapshot ${days(1)[0]} cannot be deleted.`, []],
    ["delete", `refused\nThe snapshot ${days(1)[0]} cannot be deleted.`, []],
  ])("says so and fails when `kubectl %s` is refused", (failing, said, deleted) => {
    const result = run({ snapshots: history("rrr"), failing });

    expect(result.code).toBe(1);
    expect(result.said.startsWith(said)).toBe(true);
    expect(result.deleted).toEqual(deleted);
  });

  const histories = fc.array(fc.constantFrom("r", "w", "d"), { maxLength: 12 }).map((states) => states.join(""));
  const numRuns = 40;

  it("never deletes one of the newest ready ones, and leaves nothing that is older, whatever there was", () => {
    fc.assert(
      fc.property(histories, fc.integer({ min: 1, max: 4 }), (states, keep) => {
        const snapshots = history(states);
        expect(wrongs(snapshots, keep, run({ keep, snapshots }))).toEqual([]);
      }),
      { numRuns },
    );
  });

  it.each([
    ["counts what is not ready", '$3 == "true" { kept++ }', "{ kept++ }", "rwww", "had to stay"],
    ["counts what is being deleted", '$4 != "" || $2 == ""', '$2 == ""', "rdd", "had to stay"],
    ["takes the oldest for the newest", "sort -r", "sort", "rrrr", "had to stay"],
    ["deletes nothing", "kept >= keep { print $2 }", "", "rrrr", "had to go"],
    ["leaves contents to be retained", "--type=merge", "--type=merge || true #", "rrrr", "stays in Azure"],
  ])("is caught when it %s", (_, right, wrong, states, fault) => {
    const broken = SNAPSHOT_SCRIPT.replace(right, wrong);
    const snapshots = history(states);

    expect(broken).not.toBe(SNAPSHOT_SCRIPT);
    const result = runPolicy(broken, { claims: [claim], keep: 2, snapshots, becomesReady: false });
    expect(wrongs(snapshots, 2, { ...result, created: [] }).join("; ")).toContain(fault);
  });
});
