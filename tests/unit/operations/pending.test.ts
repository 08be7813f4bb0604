import {
  examine,
  type Found,
  parseState,
  type PendingOperation,
  pendingOperations,
  settle,
  type StackState,
  StateError,
  toRefresh,
} from "../../../operations/pending";

const resource = (name: string, more: object = {}) => ({ urn: `urn:pulumi:s::p::t::${name}`, type: "t", ...more });
const state = (resources: readonly object[], pending: readonly PendingOperation[]): StackState =>
  ({ version: 3, deployment: { manifest: "kept", resources, pending_operations: pending } }) as unknown as StackState;

const there: Readonly<Record<string, Found | "none">> = {
  "urn:pulumi:s::p::t::made": { id: "/made", state: "succeeded", remainingMs: 79_000 },
  "urn:pulumi:s::p::t::broken": { id: "/broken", state: "failed" },
  "urn:pulumi:s::p::t::command": "none",
};
const find = ({ urn }: { readonly urn: string }): Found | "none" | undefined => there[urn];

const creating = (name: string, more: object = {}): PendingOperation => ({
  type: "creating",
  resource: resource(name, { inputs: { name }, ...more }),
});
const updating: PendingOperation = { type: "updating", resource: resource("old") };
const pending = [creating("made"), creating("broken"), creating("command"), creating("never"), updating];

describe("what an engine had begun when it ended", () => {
  test("is adopted when the cloud has it, made when not, and compared when it was being changed", async () => {
    const findings = await examine(pending, find);
    expect(findings.map(({ urn, decision, id }) => [urn.split("::").at(-1), decision, id])).toEqual([
      ["made", "adopted", "/made"],
      ["broken", "adopted", "/broken"],
      ["command", "repeat", undefined],
      ["never", "absent", undefined],
      ["old", "refresh", undefined],
    ]);
    expect(findings[0]?.explanation).toBe(
      "was finished by the cloud, 79 s after the engine ended: it is taken into the stack",
    );
    expect(toRefresh(findings).map((urn) => urn.split("::").at(-1))).toEqual(["made", "broken", "old"]);
  });

  test("becomes resources after all that the stack had; nothing pending stays, nothing else changes", async () => {
    const before = state([resource("old", { id: "/old" })], pending);
    const after = settle(before, await examine(pendingOperations(before), find));
    expect(after.deployment).toEqual({
      manifest: "kept",
      resources: [
        resource("old", { id: "/old" }),
        resource("made", { id: "/made", inputs: { name: "made" }, outputs: {} }),
        resource("broken", {
          id: "/broken",
          inputs: { name: "broken" },
          outputs: {},
          initErrors: ["found in a failed state"],
        }),
      ],
    });
    expect(settle(after, [])).toEqual(after);
  });

  test("a finished replacement: the old copy is still to be deleted, or is gone when it went first", async () => {
    for (const [old, kept] of [
      [{ id: "/before" }, [resource("made", { id: "/before", delete: true })]],
      [{ id: "/made", pendingReplacement: true }, []],
    ] as const) {
      const before = state([resource("made", old)], [creating("made")]);
      const { resources } = settle(before, await examine(pendingOperations(before), find)).deployment;
      expect(resources?.slice(0, -1)).toEqual(kept);
      expect(resources?.at(-1)).toMatchObject({ id: "/made" });
    }
  });

  test("a variant that forgets what exists loses a resource, and is caught", async () => {
    const before = state([], [creating("made")]);
    const forgetful = settle(before, await examine(pendingOperations(before), () => undefined));
    expect(forgetful.deployment.resources).toEqual([]);
    expect(settle(before, await examine(pendingOperations(before), find)).deployment.resources).toHaveLength(1);
  });

  test("a state of another version is refused", () => {
    expect(() => parseState('{"version":2,"deployment":{}}')).toThrow(StateError);
    expect(parseState('{"version":3,"deployment":{}}').version).toBe(3);
  });
});
