import { parseFault } from "../../../../rehearsal/azure/faults";
import { azureModel } from "../../../../rehearsal/forecast/azure-model";
import { forecast, isSound, subjectOf } from "../../../../rehearsal/forecast/forecast";
import type { Graph, Operation } from "../../../../rehearsal/forecast/graph";
import { prepare, simulate, type SimulatedRun } from "../../../../rehearsal/forecast/simulate";
import { ownProgram, recorded } from "./graphs";

const group = "azure-native:resources:ResourceGroup";
const subnet = "azure-native:network:Subnet";
const cluster = "azure-native:containerservice:ManagedCluster";

const operation = (name: string, type: string, resourceId: string, more: Partial<Operation> = {}): Operation => ({
  ...{ urn: `urn:pulumi:t::t::${type}::${name}`, type, phase: "infrastructure", after: [] },
  azure: { resourceId, region: "japaneast" },
  ...more,
});
const groups = (count: number): Graph => ({
  waits: [],
  operations: Array.from({ length: count }, (_, n) =>
    operation(`g${String(n).padStart(4, "0")}`, group, `/groups/${n}`),
  ),
});
const faults = (...texts: string[]) => ({ faults: texts.map((text) => parseFault(text)) });
const run = (graph: Graph, options: Parameters<typeof azureModel>[1] = {}, slots = Infinity, seed = 1): SimulatedRun =>
  simulate(prepare(graph), azureModel(graph, options).start(seed), slots);

describe("the forecast's Azure", () => {
  test("takes each operation its own latency while nothing refuses it", () => {
    const graph = groups(40);
    const { startMs, endMs, throttles, failed } = run(graph);
    const world = azureModel(graph).start(1);
    graph.operations.forEach((_, index) => expect(endMs[index]! - startMs[index]!).toBe(world.shortestMs(index)));
    expect({ throttles, failed }).toEqual({ throttles: 0, failed: undefined });
  });

  test("throttles what a region's bucket of reads does not hold, and nothing with few slots", () => {
    const many = groups(150);
    const throttled = run(many);
    expect(throttled.throttles).toBeGreaterThan(0);
    expect(throttled.failed).toBeUndefined();
    expect(run(many, {}, 20).throttles).toBe(0);
  });

  test("names each bucket with the requests that every run makes of it, and the time that these take at least", () => {
    const { limits } = azureModel(groups(205));
    expect(limits).toEqual([
      { name: "reads in japaneast", requests: 615, capacity: 250, boundMs: 14_600 },
      { name: "writes in japaneast", requests: 205, capacity: 200, boundMs: 500 },
    ]);
  });

  test("is never faster than its busiest bucket lets it be, however many slots it has", () => {
    for (const count of [150, 180]) {
      const graph = groups(count);
      const bound = Math.max(...azureModel(graph).limits.map(({ boundMs }) => boundMs));
      const { totalMs, failed } = run(graph, {}, 60);
      expect(failed).toBeUndefined();
      expect(totalMs).toBeGreaterThanOrEqual(bound);
    }
  });

  test("serialises the writes of one network", () => {
    const subnets = ["a", "b"].map((name) => operation(name, subnet, `/x/virtualNetworks/v/subnets/${name}`));
    const apart = ["a", "b"].map((name) => operation(name, subnet, `/x/virtualNetworks/${name}/subnets/s`));
    expect(run({ operations: subnets, waits: [] }).throttles).toBeGreaterThan(0);
    expect(run({ operations: apart, waits: [] }).throttles).toBe(0);
  });

  test("fails as Azure does, begins nothing after it, and says where and why", () => {
    const graph: Graph = {
      waits: [],
      operations: [
        operation("japaneast-aks", cluster, "/aks"),
        operation("after", group, "/after", { after: [0] }),
        operation("beside", group, "/beside"),
      ],
    };
    const options = faults("capacity@japaneast:cluster");
    const failing = run(graph, options, 1);
    expect(failing).toMatchObject({ failed: 0, refusal: { code: "AKSCapacityHeavyUsage" } });
    expect(failing.startMs[1]).toBe(-1);
    const told = forecast(subjectOf(ownProgram, graph, azureModel(graph, options)), 1, { runs: 3, seed: 1 });
    expect(told.fails?.share).toBe(1);
    expect(told.fails?.reason).toMatch(/^japaneast-aks fails after 1\.0 s: Status=400 Code="AKSCapacityHeavyUsage"/);
    expect(isSound(told)).toBe(false);
  });

  test("counts a quota over the resources of a region", () => {
    const demand = { clusters: 1, vcpus: { standardDSv5Family: 200 } };
    const aks = (name: string, region: string) =>
      operation(name, cluster, `/${name}`, { azure: { resourceId: `/${name}`, region, demand } });
    const inOne: Graph = { operations: [aks("a", "japaneast"), aks("b", "japaneast")], waits: [] };
    const inTwo: Graph = { operations: [aks("a", "japaneast"), aks("b", "uksouth")], waits: [] };
    expect(run(inOne).refusal?.code).toBe("OperationNotAllowed");
    expect(run(inTwo).failed).toBeUndefined();
  });

  test("is the same with polls and without where they can decide nothing", () => {
    const graph = recorded("dev", ownProgram);
    // A fault that meets no request makes the model poll.
    const never = faults("throttle@nowhere");
    for (const slots of [8, 24, Infinity]) {
      expect([...run(graph, never, slots).endMs]).toEqual([...run(graph, {}, slots).endMs]);
    }
  });
});

describe("with 2% of flaky answers and a throttled region, the forecast of the fleet", () => {
  const graph = recorded("fleet", ownProgram);
  const troubled = subjectOf(
    { phases: "overlap", contracts: "batches" },
    graph,
    azureModel(graph, faults("flaky=0.02", "throttle@japaneast")),
  );
  const plain = subjectOf(ownProgram, graph, azureModel(graph));

  test("succeeds, counts throttles, and is slower than without, but never below its bound", () => {
    const [with2, without] = [troubled, plain].map((subject) => forecast(subject, 64, { runs: 5, seed: 1 }));
    expect(isSound(with2!)).toBe(true);
    expect(with2!.throttles).toBeGreaterThan(0);
    expect(without!.throttles).toBe(0);
    expect(with2!.p50Ms).toBeGreaterThan(without!.p50Ms);
    expect(with2!.overBound).toBeGreaterThanOrEqual(1);
  });
});
