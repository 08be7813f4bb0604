import fc from "fast-check";

import { parseFault } from "../../../../rehearsal/azure/faults";
import { demandOf, parseVmSize, Quotas } from "../../../../rehearsal/azure/quotas";
import { AzureWorld, type OperationRecord, type WorldOperation } from "../../../../rehearsal/azure/world";
import { lockOf } from "../../../../rehearsal/azure/locks";

const group = "azure-native:resources:ResourceGroup";
const subnet = "azure-native:network:Subnet";
const cluster = "azure-native:containerservice:ManagedCluster";
const pool = "azure-native:containerservice:AgentPool";
const federation = "azure-native:managedidentity:FederatedIdentityCredential";
const role = "azure-native:authorization:RoleAssignment";

const operation = (name: string, durationMs: number, more: Partial<WorldOperation> = {}): WorldOperation => ({
  urn: `urn:pulumi:test::graph::${more.type ?? group}::${name}`,
  kind: "create",
  type: group,
  resourceId: `/subscriptions/s/resourceGroups/${name}`,
  region: "japaneast",
  durationMs,
  ...more,
});

const inNetwork = (name: string, durationMs: number, network = "vnet"): WorldOperation =>
  operation(name, durationMs, {
    type: subnet,
    resourceId: `/providers/Microsoft.Network/virtualNetworks/${network}/subnets/${name}`,
  });
const poolOf = (name: string, durationMs: number, aks = "aks"): WorldOperation =>
  operation(name, durationMs, {
    type: pool,
    resourceId: `/providers/Microsoft.ContainerService/managedClusters/${aks}/agentPools/${name}`,
  });

type Named = readonly [name: string, record: OperationRecord];

/** Begins all at 0 and takes their ends in order. */
const runAll = (world: AzureWorld, operations: readonly WorldOperation[], atMs = 0): Named[] => {
  const names = new Map(operations.map((one) => [world.begin(one, atMs), one.urn.split("::").at(-1)!]));
  const done: Named[] = [];
  for (let end = world.nextEnd(); end !== undefined; end = world.nextEnd()) {
    done.push([names.get(end.id)!, world.complete(end.id)]);
  }
  return done;
};

const faulty = (...texts: string[]): AzureWorld => new AzureWorld({ faults: texts.map((text) => parseFault(text)) });
const ends = (done: readonly Named[]): (readonly [string, number])[] =>
  done.map(([name, { endMs }]) => [name, endMs] as const);

describe("without faults", () => {
  test("every operation takes exactly its modelled duration, whatever its kind", () => {
    const kinds = fc.constantFrom("create", "update", "delete", "read");
    const drafts = fc.array(fc.record({ durationMs: fc.integer({ min: 0, max: 700_000 }), kind: kinds }), {
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(drafts, fc.boolean(), (list, polls) => {
        const operations = list.map(({ durationMs, kind }, index) => operation(`r${index}`, durationMs, { kind }));
        const done = runAll(new AzureWorld({ polls }), operations);
        for (const [name, record] of done) {
          expect(record).toMatchObject({ outcome: "succeeded", endMs: list[Number(name.slice(1))]!.durationMs });
          expect(record).toMatchObject({ retries: 0, throttledMs: [], faults: [] });
        }
        expect(ends(done).map(([, ms]) => ms)).toEqual(list.map(({ durationMs }) => durationMs).sort((a, b) => a - b));
      }),
    );
  });

  test("a creation is a look, a PUT, a poll every 10 s, one at the end, and a read; a deletion polls every 30 s", () => {
    const requests = (kind: "create" | "delete", durationMs: number): number =>
      runAll(new AzureWorld(), [operation("r", durationMs, { kind })])[0]![1].requests;
    expect(requests("create", 25_000)).toBe(2 + 3 + 1);
    expect(requests("create", 0)).toBe(2 + 1 + 1);
    expect(requests("delete", 65_000)).toBe(1 + 3);
  });

  test("nothing depends on the order in which operations of one moment begin", () => {
    const operations = Array.from({ length: 300 }, (_, index) => operation(`r${index}`, 1000 + (index % 7) * 500));
    const forwards = runAll(new AzureWorld(), operations);
    const backwards = runAll(new AzureWorld(), [...operations].reverse());
    expect(forwards.some(([, { retries }]) => retries > 0)).toBe(true);
    expect(backwards).toEqual(forwards);
  });

  test("its time goes no further than the limit, and the same end is told until it is completed", () => {
    const world = new AzureWorld();
    world.begin(operation("a", 5000), 0);
    expect(world.nextEnd(4999)).toBeUndefined();
    const late = world.begin(operation("b", 100), 4999);
    expect(world.nextEnd()).toEqual({ id: 0, atMs: 5000 });
    expect(world.nextEnd()).toEqual({ id: 0, atMs: 5000 });
    expect(world.nextEnd(4999)).toBeUndefined();
    expect(world.complete(0).endMs).toBe(5000);
    expect(() => world.complete(late)).toThrow("operation 1 has not ended");
    expect(() => world.begin(operation("c", 1), 4000)).toThrow(RangeError);
    expect(world.nextEnd()).toEqual({ id: late, atMs: 5099 });
  });
});

describe("limits", () => {
  test("of 300 deletions at once 200 pass, the others wait as long as Retry-After says, and three times at most", () => {
    const operations = Array.from({ length: 300 }, (_, index) =>
      operation(`r${String(index).padStart(3, "0")}`, 1000, { kind: "delete" }),
    );
    const done = runAll(new AzureWorld(), operations);
    expect(done.filter(([, { retries, outcome }]) => retries === 0 && outcome === "succeeded")).toHaveLength(200);
    for (const retries of [1, 2, 3]) {
      const passed = done.filter(([, record]) => record.retries === retries && record.outcome === "succeeded");
      expect(passed).toHaveLength(10);
      for (const [, { throttledMs, endMs }] of passed) {
        expect(throttledMs).toHaveLength(retries);
        expect(endMs).toBe(1000 + retries * 1000);
      }
    }
    const failed = done.filter(([, { outcome }]) => outcome === "failed");
    expect(failed).toHaveLength(70);
    expect(failed[0]![1]).toMatchObject({ error: { code: "SubscriptionRequestsThrottled" }, left: "nothing" });
  });

  test("without limits all pass", () => {
    const operations = Array.from({ length: 300 }, (_, index) => operation(`r${index}`, 1000));
    expect(runAll(new AzureWorld({ limits: false }), operations).every(([, { endMs }]) => endMs === 1000)).toBe(true);
  });
});

describe("write locks", () => {
  /** Intervals in which Azure worked on resources of one lock; two that overlap. */
  const overlapping = (done: readonly Named[], durationMs: number): boolean => {
    const worked = done
      .filter(([, { outcome }]) => outcome === "succeeded")
      .map(([, { throttledMs, startMs }]) => throttledMs.at(-1)?.[1] ?? startMs)
      .sort((a, b) => a - b);
    return worked.some((begin, index) => index > 0 && begin < worked[index - 1]! + durationMs);
  };

  test("subnets of one network are written one after the other, those of another network beside them", () => {
    const done = runAll(new AzureWorld(), [inNetwork("a", 6000), inNetwork("b", 6000), inNetwork("c", 6000, "other")]);
    expect(ends(done).slice(0, 2)).toEqual([
      ["a", 6000],
      ["c", 6000],
    ]);
    const [, second] = done.find(([name]) => name === "b")!;
    // One backoff of 20 s, scattered by a factor of 0.8 to 1.3.
    expect(second.endMs).toBeGreaterThanOrEqual(16_000 + 6000);
    expect(second.endMs).toBeLessThanOrEqual(26_000 + 6000);
    expect(second).toMatchObject({ retries: 1, outcome: "succeeded" });
    expect(second.lockWaitMs).toBe(second.endMs - 6000);
    expect(
      overlapping(
        done.filter(([name]) => name !== "c"),
        6000,
      ),
    ).toBe(false);
    // What the same operations look like without a lock is caught.
    const unlocked = [operation("a", 6000), operation("b", 6000)];
    expect(overlapping(runAll(new AzureWorld(), unlocked), 6000)).toBe(true);
  });

  test("a second node pool operation on a cluster fails at once with 409 OperationNotAllowed", () => {
    const done = runAll(new AzureWorld(), [poolOf("a", 150_000), poolOf("b", 150_000), poolOf("c", 9000, "other")]);
    expect(done.map(([name, { outcome }]) => [name, outcome])).toEqual([
      ["b", "failed"],
      ["c", "succeeded"],
      ["a", "succeeded"],
    ]);
    expect(done[0]![1]).toMatchObject({
      retries: 0,
      left: "nothing",
      error: { status: 409, code: "OperationNotAllowed" },
    });
  });

  test("federated credentials of one identity may not be written at the same time", () => {
    const of = (name: string, identity: string) =>
      operation(name, 3000, {
        type: federation,
        resourceId: `/x/userAssignedIdentities/${identity}/federatedIdentityCredentials/${name}`,
      });
    const done = runAll(new AzureWorld(), [of("a", "one"), of("b", "one"), of("c", "two")]);
    expect(done.map(([name, { error }]) => [name, error?.code])).toEqual([
      ["b", "ConcurrentFederatedIdentityCredentialsWritesForSingleManagedIdentity"],
      ["a", undefined],
      ["c", undefined],
    ]);
  });

  test("a lock is by network, cluster or identity, without regard to case", () => {
    expect(lockOf(subnet, "/X/virtualNetworks/V/subnets/a")?.key).toBe(
      lockOf(subnet, "/x/virtualnetworks/v/subnets/b")?.key,
    );
    expect(lockOf(group, "/x")).toBeUndefined();
  });
});

describe("quotas", () => {
  test.each([
    ["Standard_D4s_v5", { family: "standardDSv5Family", vcpus: 4 }],
    ["Standard_D16ads_v5", { family: "standardDADSv5Family", vcpus: 16 }],
    ["Basic_A0", undefined],
  ])("%s", (size, expected) => {
    expect(parseVmSize(size)).toEqual(expected);
  });

  test("350 vCPUs of a family per region, 100 clusters", () => {
    const quotas = new Quotas();
    const nodes = (count: number) => demandOf([{ vmSize: "Standard_D4s_v5", count }], 1);
    expect(quotas.take("a", "japaneast", nodes(87))).toBeUndefined(); // 348
    expect(quotas.take("b", "japaneast", nodes(1))).toMatchObject({ status: 409, code: "OperationNotAllowed" });
    expect(quotas.take("b", "japaneast", nodes(1))?.message).toContain(
      "Current Limit: 350, Current Usage: 348, Additional Required: 4",
    );
    expect(quotas.take("b", "uksouth", nodes(1))).toBeUndefined();
    expect(quotas.take("a", "japaneast", nodes(86))).toBeUndefined(); // the same cluster, smaller
    expect(quotas.take("b2", "japaneast", nodes(1))).toBeUndefined();
    const many = new Quotas();
    for (let index = 0; index < 100; index++) expect(many.take(`c${index}`, "r", demandOf([], 1))).toBeUndefined();
    expect(many.take("c100", "r", demandOf([], 1))?.code).toBe("ManagedClusterCountExceedsQuotaLimit");
    many.release("c7");
    expect(many.take("c100", "r", demandOf([], 1))).toBeUndefined();
  });
});

describe("faults", () => {
  const only = (world: AzureWorld, one: WorldOperation, atMs = 0): OperationRecord => runAll(world, [one], atMs)[0]![1];

  test("throttle: refused until the tokens are back, then as ever", () => {
    expect(only(faulty("throttle@japaneast=60"), operation("r", 2000))).toMatchObject({
      outcome: "succeeded",
      endMs: 62_000,
      throttledMs: [[0, 60_000]],
      retries: 1,
      faults: ["throttle@japaneast=60"],
    });
    expect(only(faulty("throttle@uksouth"), operation("r", 2000))).toMatchObject({ endMs: 2000, faults: [] });
    expect(only(faulty("throttle=121"), operation("r", 2000))).toMatchObject({ outcome: "failed", retries: 0 });
  });

  test("hard-throttle fails at once; busy is retried; the locks and races are not", () => {
    const clusterAt = operation("c", 1000, { type: cluster });
    expect(only(faulty("hard-throttle"), clusterAt).error).toMatchObject({ code: "ResourceRequestsThrottled" });
    expect(only(faulty("busy"), clusterAt)).toMatchObject({ outcome: "succeeded", retries: 1, throttledMs: [] });
    expect(only(faulty("aks-throttle"), clusterAt)).toMatchObject({ outcome: "succeeded", endMs: 61_000 });
    expect(only(faulty("pool-lock"), poolOf("p", 1000)).error?.code).toBe("OperationNotAllowed");
    expect(only(faulty("network-lock=10"), inNetwork("s", 1000))).toMatchObject({ outcome: "succeeded", retries: 1 });
    expect(only(faulty("not-provisioned"), inNetwork("s", 1000))).toMatchObject({ outcome: "succeeded", retries: 1 });
    expect(only(faulty("federation-race"), operation("f", 1, { type: federation })).outcome).toBe("failed");
    expect(only(faulty("slow=3"), operation("r", 1000))).toMatchObject({ endMs: 3000, faults: ["slow=3"] });
  });

  test("capacity: a cluster is refused and leaves nothing; a pool is accepted and leaves a failed one", () => {
    expect(only(faulty("capacity@japaneast"), operation("c", 270_000, { type: cluster }))).toMatchObject({
      endMs: 1000,
      left: "nothing",
      error: { status: 400, code: "AKSCapacityHeavyUsage" },
    });
    expect(only(faulty("capacity@japaneast"), poolOf("p", 150_000))).toMatchObject({
      endMs: 150_000,
      left: "failed",
      error: { code: "ZonalAllocationFailed" },
    });
    expect(only(faulty("capacity@japaneast:pool"), operation("c", 10, { type: cluster })).outcome).toBe("succeeded");
  });

  test("quotas cut by a fault", () => {
    const demand = demandOf([{ vmSize: "Standard_D4s_v5", count: 3 }], 1);
    const one = operation("c", 1000, { type: cluster, demand });
    expect(only(faulty("quota@japaneast=8"), one).error?.message).toContain("Current Limit: 8");
    expect(only(faulty("quota@japaneast=12"), one).outcome).toBe("succeeded");
    expect(only(faulty("cluster-quota"), one)).toMatchObject({ faults: ["cluster-quota"], outcome: "failed" });
  });

  test("a new identity is unknown to a role assignment that does not say it is a service principal", () => {
    const world = faulty("principal-lag=60");
    runAll(world, [operation("i", 1000, { createsPrincipal: "p1" })]);
    const assignment = operation("r", 1000, { type: role, principalId: "p1" });
    expect(only(world, assignment, 1000).error?.code).toBe("PrincipalNotFound");
    expect(only(world, operation("t", 1000, { type: role }), 3000).outcome).toBe("succeeded");
    expect(only(world, assignment, 61_000).outcome).toBe("succeeded");
  });

  test("a role that was assigned just now is not honoured yet", () => {
    const world = faulty("role-lag@japaneast=300");
    runAll(world, [operation("r", 1000, { type: role })]);
    const needsRole = operation("c", 1000, { type: cluster });
    expect(only(world, needsRole, 2000).error?.code).toBe("LinkedAuthorizationFailed");
    expect(only(world, needsRole, 301_000).outcome).toBe("succeeded");
  });

  test("flaky: a share of the requests, by seed and URN alone, nearly always survived", () => {
    const operations = Array.from({ length: 100 }, (_, index) => operation(`r${index}`, 35_000));
    const run = (seed: number): Named[] =>
      runAll(new AzureWorld({ seed, limits: false, faults: [parseFault("flaky=0.02")] }), operations);
    const done = run(1);
    const tried = done.reduce((sum, [, { requests }]) => sum + requests, 0);
    const retried = done.reduce((sum, [, { retries }]) => sum + retries, 0);
    expect(retried / tried).toBeGreaterThan(0.005);
    expect(retried / tried).toBeLessThan(0.05);
    expect(done.every(([, { outcome }]) => outcome === "succeeded")).toBe(true);
    expect(run(1)).toEqual(done);
    expect(run(2)).not.toEqual(done);
  });

  test("what a client gives up polling, Azure finishes all the same", () => {
    const settled: [string, number][] = [];
    const world = new AzureWorld();
    const cloud = { settled: (state: string, nowMs: number) => settled.push([state, nowMs]) };
    const slow = world.begin({ ...operation("zz", 60_000), cloud }, 0);
    // At its first poll, 600 others read, and go on trying: no token is left for it.
    world.nextEnd(9999);
    for (let index = 0; index < 600; index++) world.begin(operation(`r${index}`, 5, { kind: "read" }), 10_000);
    const records = new Map<number, OperationRecord>();
    for (let end = world.nextEnd(); end !== undefined; end = world.nextEnd())
      records.set(end.id, world.complete(end.id));
    expect(records.get(slow)).toMatchObject({ outcome: "failed", left: "accepted", retries: 3, endMs: 14_000 });
    expect(settled).toEqual([["Succeeded", 60_000]]);
  });
});
