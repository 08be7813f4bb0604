import { SlotScheduler } from "../../rehearsal/clock/scheduler";
import type { TraceEntry } from "../../rehearsal/clock/virtual-clock";
import type { ReportedRun } from "../../rehearsal/report/report-data";

/** One operation of a made-up deployment; ends `seconds` after it has a slot. */
interface Task {
  readonly urn: string;
  readonly seconds: number;
  readonly after: readonly string[];
}

const types = {
  group: "azure-native:resources:ResourceGroup",
  network: "azure-native:network:VirtualNetwork",
  subnet: "azure-native:network:Subnet",
  cluster: "azure-native:containerservice:ManagedCluster",
  role: "azure-native:authorization:RoleAssignment",
  set: "kubernetes:apps/v1:StatefulSet",
  service: "kubernetes:core/v1:Service",
  command: "command:local:Command",
  key: "random:index/randomBytes:RandomBytes",
} as const;

const urnOf = (type: keyof typeof types, name: string): string =>
  `urn:pulumi:test::meridian::meridian:index:Region$${types[type]}::${name}`;

/** Spreads durations so that no two regions are alike, without chance. */
const spread = (n: number, base: number): number => base * (0.8 + ((n * 7919) % 41) / 100);

const regionTasks = (region: string, n: number, services: number): Task[] => {
  const task = (type: keyof typeof types, name: string, seconds: number, ...after: string[]): Task => ({
    urn: urnOf(type, `${region}-${name}`),
    seconds: spread(n + name.length, seconds),
    after,
  });
  const group = task("group", "group", 1.2);
  const network = task("network", "network-vnet", 6, group.urn);
  const subnets = [0, 1, 2, 3].map((i) => task("subnet", `network-subnet-${i}`, 4 + i, network.urn));
  const cluster = task("cluster", "cluster-aks", 300, ...subnets.map(({ urn }) => urn));
  const roles = [0, 1, 2].map((i) => task("role", `cluster-role-${i}`, 2, group.urn));
  const key = { ...task("key", "validator-0-key", 0), seconds: 0 };
  const set = task("set", "validator-0-set", 60, cluster.urn, key.urn);
  const more = Array.from({ length: services }, (_, i) => task("service", `service-${i}`, 0.4 + (i % 7), cluster.urn));
  return [group, network, ...subnets, cluster, ...roles, key, set, ...more];
};

/** Lets the tasks run as the engine would, on the given number of slots. */
const schedule = (tasks: readonly Task[], parallel: number): TraceEntry[] => {
  const scheduler = new SlotScheduler(parallel);
  const done = new Set<string>();
  const asked = new Set<string>();
  const seconds = new Map(tasks.map((task) => [task.urn, task.seconds]));
  const trace: TraceEntry[] = [];
  for (;;) {
    for (const { urn, after } of tasks) {
      if (asked.has(urn) || !after.every((one) => done.has(one))) continue;
      asked.add(urn);
      scheduler.arrive(urn, "create");
    }
    scheduler.grant(({ urn }) => Math.round((seconds.get(urn) ?? 0) * 1000));
    const ended = scheduler.complete();
    if (ended === undefined) return trace;
    done.add(ended.urn);
    trace.push({ ...ended, outcome: "succeeded", workMs: ended.endMs - ended.startMs });
  }
};

/** A made-up run of the network over some regions: real scheduling, invented durations, no Azure and no engine. */
export const syntheticRun = (given: {
  readonly regions: readonly string[];
  /** Small resources beside the dozen that every region has. */
  readonly services: number;
  readonly parallel: number;
}): ReportedRun => {
  const regions = given.regions.flatMap((region, n) => regionTasks(region, n, given.services));
  const keys = regions.filter(({ urn }) => urn.endsWith("-key")).map(({ urn }) => urn);
  const sets = regions.filter(({ urn }) => urn.endsWith("-set")).map(({ urn }) => urn);
  const command = (name: string, seconds: number, ...after: string[]): Task => ({
    urn: urnOf("command", name),
    seconds,
    after,
  });
  const ready = command("chain138-ready", 4, ...sets);
  const contracts = ["multicall3", "weth9"].flatMap((name) => {
    const deploy = command(`chain138-${name}`, 4, ready.urn);
    return [deploy, command(`chain138-${name}-verification`, 2, deploy.urn)];
  });
  const genesis = { ...command("global-genesis", 1, ...keys), urn: urnOf("key", "global-genesis") };
  const trace = schedule([genesis, ...regions, ready, ...contracts], given.parallel);
  return {
    exitCode: 0,
    changes: { create: trace.length },
    trace,
    virtualMs: trace.at(-1)?.endMs ?? 0,
    verdicts: {},
  };
};

const devRegions = ["eastus", "japaneast", "northeurope", "southeastasia", "uksouth"];

/** As large as the stack dev: 5 regions. */
export const devRun = (parallel = 64): ReportedRun => syntheticRun({ regions: devRegions, services: 36, parallel });

/** As large as the stack fleet: 24 regions, more than 1,388 operations. */
export const fleetRun = (parallel = 64): ReportedRun => {
  const more = ["australiaeast", "brazilsouth", "canadacentral", "centralindia", "eastasia", "francecentral"]
    .concat(["germanywestcentral", "israelcentral", "italynorth", "koreacentral", "mexicocentral", "norwayeast"])
    .concat(["polandcentral", "qatarcentral", "southafricanorth", "spaincentral", "swedencentral", "switzerlandnorth"])
    .concat(["uaenorth"]);
  return syntheticRun({ regions: [...devRegions, ...more], services: 46, parallel });
};

/** The same run with some operations changed, found by the end of their URN. */
export const withTroubles = (
  run: ReportedRun,
  troubles: Readonly<Record<string, Partial<TraceEntry>>>,
): ReportedRun => ({
  ...run,
  trace: run.trace.map((entry) => {
    const key = Object.keys(troubles).find((end) => entry.urn.endsWith(`::${end}`));
    return key === undefined ? entry : { ...entry, ...troubles[key] };
  }),
});
