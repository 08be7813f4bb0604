import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { adoptExisting, existingOf } from "../../../operations/deploy/adopt";
import { resumeStack } from "../../../operations/deploy/resume";
import { judgeLocks, readLocks, type StackLock, StackHeldError } from "../../../operations/deploy/locks";
import { type PendingOperation, pendingOperations, type StackState } from "../../../operations/pending";

const urn = (name: string): string => `urn:pulumi:s::p::azure-native:network:VirtualNetwork::${name}`;
const resource = (name: string, more: object = {}) => ({
  urn: urn(name),
  type: "azure-native:network:VirtualNetwork",
  ...more,
});
const creating = (name: string): PendingOperation => ({
  type: "creating",
  resource: resource(name, { inputs: { name } }),
});
const state = (resources: readonly object[], pending: readonly PendingOperation[]): StackState =>
  ({ version: 3, deployment: { resources, pending_operations: pending } }) as unknown as StackState;
const refused = (...names: string[]) => ({
  exitCode: 1,
  diagnostics: names.map((name) => ({
    severity: "error" as const,
    urn: urn(name),
    message: `cannot create already existing resource '/vnets/${name}'`,
  })),
  failedSteps: names.map((name) => ({
    urn: urn(name),
    type: resource(name).type,
    parent: "urn:region",
    provider: "p::1",
  })),
});

describe("what a run was refused because it exists", () => {
  test("is read from azure-native's words, and nothing else is", () => {
    const run = refused("a");
    expect(existingOf(run)).toEqual([{ ...run.failedSteps[0], id: "/vnets/a" }]);
    const other = { severity: "error" as const, urn: urn("b"), message: 'Code="Conflict" Message="already exists"' };
    expect(existingOf({ exitCode: 1, diagnostics: [other] })).toEqual([]);
  });

  test("comes with the inputs of its pending creation, and nothing is pending then", () => {
    const before = state([], [creating("a"), creating("b")]);
    const { state: after, findings } = adoptExisting(before, existingOf(refused("a")));
    expect(findings).toMatchObject([{ urn: urn("a"), id: "/vnets/a", operation: "creating", decision: "adopted" }]);
    expect(after.deployment.resources).toEqual([resource("a", { id: "/vnets/a", inputs: { name: "a" }, outputs: {} })]);
    expect(pendingOperations(after)).toEqual([]);
  });

  test("is known although the engine has forgotten that it had begun it", () => {
    const { state: after, findings } = adoptExisting(state([], []), existingOf(refused("a")), {
      begun: [creating("a"), creating("b")],
    });
    expect(findings).toMatchObject([{ urn: urn("a"), operation: "creating" }]);
    expect(after.deployment.resources).toMatchObject([{ inputs: { name: "a" } }]);
    expect(pendingOperations(after)).toEqual([]);
  });

  test("what the stack has not begun is imported only where that is wanted, in its place and without inputs", () => {
    const existing = existingOf(refused("a"));
    expect(adoptExisting(state([], []), existing)).toMatchObject({
      findings: [],
      state: { deployment: { resources: [] } },
    });
    const { state: after, findings } = adoptExisting(state([], []), existing, { importForeign: true });
    expect(findings[0]!.explanation).toContain("it is imported");
    expect(after.deployment.resources).toEqual([
      {
        ...resource("a"),
        custom: true,
        inputs: {},
        outputs: {},
        parent: "urn:region",
        provider: "p::1",
        id: "/vnets/a",
      },
    ]);
  });

  test("a finder that cannot look leaves the state alone: the run is asked", async () => {
    const before = state([], [creating("a")]);
    const imported: string[] = [];
    const stack = {
      exportState: () => Promise.resolve(JSON.stringify(before)),
      importState: (text: string) => Promise.resolve(void imported.push(text)),
      refresh: () => Promise.reject(new Error("there is nothing to read")),
    };
    expect(await resumeStack(stack, () => "unknown")).toMatchObject([{ urn: urn("a"), decision: "asked" }]);
    expect(imported).toEqual([]);
    // A finder that knows settles it.
    await resumeStack(stack, () => undefined);
    expect(imported).toHaveLength(1);
  });
});

describe("the locks of a file backend", () => {
  const lock = (pid: number, hostname = "here"): StackLock => ({ pid, hostname, username: "u", timestamp: "t" });
  const machine = { hostname: "here", isAlive: (pid: number) => pid === 1 };

  test.each([
    ["none: free", [], "free"],
    ["of a process that is gone: stale", [lock(2)], "stale"],
    ["of one that runs: held", [lock(2), lock(1)], "held"],
    ["of another machine, of which nothing is known: held", [lock(2, "there")], "held"],
  ] as const)("%s", (_name, locks, kind) => {
    expect(judgeLocks(locks, machine).kind).toBe(kind);
  });

  test("are read where Pulumi puts them; a torn file is none, and neither are those of other backends", () => {
    const root = mkdtempSync(join(tmpdir(), "meridian-locks-"));
    try {
      const folder = join(root, ".pulumi", "locks", "organization", "p", "s");
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, "1.json"), JSON.stringify(lock(7)));
      writeFileSync(join(folder, "2.json"), '{"pid": 8, "user');
      expect(readLocks(`file://${root}`, "p", "s")).toEqual([lock(7)]);
      expect(readLocks(`file://${root}?no_tmp_dir=true`, "p", "s")).toHaveLength(1);
      expect(readLocks(`file://${root}`, "p", "other")).toEqual([]);
      expect(readLocks("https://api.pulumi.com", "p", "s")).toEqual([]);
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  });

  test("one that is held is refused with who holds it and what to do", () => {
    const { message, hint } = new StackHeldError("fleet", lock(1));
    expect(message).toBe("Stack fleet is locked by u on here (process 1) since t.");
    expect(hint).toContain("pulumi cancel --stack fleet");
  });
});
