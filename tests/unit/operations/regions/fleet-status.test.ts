import type { RegionFailure } from "../../../../operations/regions/failure";
import { exitCodeOf, judgeFleet, type RegionReport } from "../../../../operations/regions/fleet-status";
import { diagnose } from "../../../../operations/regions/recover";
import type { SeenBlock, ValidatorReport } from "../../../../operations/regions/validators";

const timing = { blockPeriodSeconds: 2, requestTimeoutSeconds: 4 };
const now = 1_800_000_000_000;
const names = ["northeurope", "brazilsouth", "japaneast", "southeastasia", "eastasia"];
const placement = names.map((name) => ({ name, validators: 1 }));
const failure: RegionFailure = { code: "Timeout", message: "Not done after 1 s.", action: "Look again." };

const block = (number: number, change: Partial<SeenBlock> = {}): SeenBlock => ({
  number,
  hash: `0x${number}`,
  timestampMs: now - (100 - number) * 2000,
  proposer: names[number % 5] ?? "",
  round: 0,
  ...change,
});
const blocks = (head = 100) => Array.from({ length: 32 }, (_, i) => block(head - i));

const validator = (region: string, change: Partial<ValidatorReport> = {}): ValidatorReport => ({
  ...{ region, ordinal: 0, syncing: false, peers: 4, version: "besu/v26.8.0/linux" },
  ...{
    genesisHash: "0x0",
    address: region as `0x${string}`,
    head: block(100),
    seenAtMs: now,
    blocks: blocks(),
    parallel: undefined,
    ...change,
  },
});
const report = (region: string, change: Partial<RegionReport> = {}): RegionReport => ({
  region,
  cluster: {
    power: "running",
    provisioning: "Succeeded",
    kubernetesVersion: "1.34",
    pools: [{ name: "validators", power: "running", provisioning: "Succeeded", nodes: 1 }],
  },
  expiries: [],
  validators: [validator(region)],
  ...change,
});
const stopped = { power: "stopped", provisioning: "Succeeded", kubernetesVersion: "1.34", pools: [] } as const;

/** Five healthy regions, seen that long after the newest block. */
const seenAfter = (ms: number) =>
  names.map((name) => report(name, { validators: [validator(name, { seenAtMs: now + ms })] }));

/** The five regions, some of them otherwise. */
const fleet = (changes: Readonly<Record<string, Partial<RegionReport>>> = {}) =>
  judgeFleet(
    names.map((name) => report(name, changes[name])),
    placement,
    timing,
    now,
  );
const problemsOf = (status: ReturnType<typeof fleet>, region: string) =>
  status.regions.find((one) => one.region === region)?.problems;

describe("judgeFleet", () => {
  it("finds nothing wrong with a healthy fleet", () => {
    const status = fleet();

    expect([status.health, exitCodeOf(status), status.problems]).toEqual(["healthy", 0, []]);
    expect(status).toMatchObject({ head: 100, headAgeSeconds: 0, blocksPerSecond: 0.5, roundChanges: 0, margin: 1 });
    expect(status.worstPair).toEqual({ regions: ["northeurope", "brazilsouth"], survives: false });
    expect(status.regions.every(({ problems, due }) => problems.length === 0 && due === 0.2)).toBe(true);
  });

  it.each<[string, string, Partial<RegionReport>, string[]]>([
    ["a stopped region", "eastasia", { cluster: stopped, validators: [failure] }, ["stopped"]],
    ["a cluster that Azure does not tell of", "eastasia", { cluster: failure }, ["cluster: Timeout"]],
    ["vaults that cannot be read", "eastasia", { expiries: failure }, ["vaults: Timeout"]],
    ["a silent validator", "eastasia", { validators: [failure] }, ["1 of 1 validators silent"]],
    [
      "a validator that fetches the chain",
      "eastasia",
      { validators: [validator("eastasia", { syncing: true })] },
      ["1 not in sync"],
    ],
    [
      "one four blocks behind",
      "eastasia",
      { validators: [validator("eastasia", { head: block(96), blocks: blocks(96) })] },
      ["1 not in sync"],
    ],
    ["a peer too few", "eastasia", { validators: [validator("eastasia", { peers: 3 })] }, ["3 of 4 peers"]],
    [
      "a certificate of 29 days",
      "eastasia",
      { expiries: [{ name: "rpc-tls", atMs: now + 29.5 * 86_400_000 }] },
      ["rpc-tls expires in 29 days"],
    ],
    ["one that has ended", "eastasia", { expiries: [{ name: "rpc-tls", atMs: now - 1 }] }, ["rpc-tls has expired"]],
  ])("is degraded by %s", (_, region, change, problems) => {
    const status = fleet({ [region]: change });

    expect([status.health, exitCodeOf(status)]).toEqual(["degraded", 1]);
    expect(problemsOf(status, region)).toEqual(problems);
  });

  it("calls a lag of three blocks, and a certificate of 31 days, no problem", () => {
    const status = fleet({
      eastasia: {
        validators: [validator("eastasia", { head: block(97), blocks: blocks(97) })],
        expiries: [{ name: "rpc-tls", atMs: now + 31 * 86_400_000 }],
      },
    });

    expect(status.health).toBe("healthy");
    expect(status.regions[4]).toMatchObject({ lag: 3, expires: { name: "rpc-tls", days: 31 } });
  });

  it("sees a fork, two geneses, two versions and a storm of rounds", () => {
    const other = [block(100, { hash: "0xother" }), ...blocks().slice(1)];
    const forked = fleet({ eastasia: { validators: [validator("eastasia", { blocks: other })] } });
    expect([forked.forks, forked.health]).toEqual([[100], "degraded"]);
    const foreign = fleet({ eastasia: { validators: [validator("eastasia", { genesisHash: "0x1" })] } });
    expect([foreign.oneGenesis, foreign.health]).toEqual([false, "degraded"]);
    const skewed = fleet({ eastasia: { validators: [validator("eastasia", { version: "besu/v25.1.0/linux" })] } });
    expect(skewed.problems).toEqual(["several versions of Besu: v25.1.0, v26.8.0"]);
    const rounds = (every: number) =>
      fleet(
        Object.fromEntries(
          names.map((name) => {
            const own = blocks().map((one) => ({ ...one, round: one.number % every === 0 ? 1 : 0 }));
            return [name, { validators: [validator(name, { blocks: own })] }];
          }),
        ),
      );
    expect([rounds(3).health, rounds(5).health]).toEqual(["degraded", "healthy"]);
  });

  it("is halted under the quorum, by an old block, and when nobody answers", () => {
    const silent = { validators: [failure] };
    const two = fleet({ eastasia: silent, japaneast: silent });
    expect([two.health, two.margin, exitCodeOf(two)]).toEqual(["halted", -1, 2]);

    const old = judgeFleet(seenAfter(61_000), placement, timing, now);
    expect([old.health, old.headAgeSeconds, old.roundNow]).toEqual(["halted", 61, 3]);
    expect(judgeFleet(seenAfter(60_000), placement, timing, now + 3_600_000).health).toBe("healthy");

    const none = fleet(Object.fromEntries(names.map((name) => [name, silent])));
    expect([none.head, none.headAgeSeconds, exitCodeOf(none)]).toEqual([null, null, 2]);
  });

  it("does not count a quorum of some regions", () => {
    const some = judgeFleet(
      [report("japaneast", { validators: [validator("japaneast", { peers: 0 })] })],
      placement,
      timing,
      now,
    );

    expect([some.margin, some.worstPair, some.health]).toEqual([null, null, "healthy"]);
  });
});

describe("diagnose", () => {
  const after = (seconds: number, silent: readonly string[] = []) =>
    diagnose(
      judgeFleet(
        seenAfter(seconds * 1000).map((one) => (silent.includes(one.region) ? { ...one, validators: [failure] } : one)),
        placement,
        timing,
        now,
      ),
      timing,
    );

  it("leaves a running chain alone, also while two proposers in a row are away", () => {
    expect(after(1).kind).toBe("running");
    expect(after(13).kind).toBe("running");
  });

  it("waits while a block may still come, and restarts after the age at which a head counts as old", () => {
    expect(after(20)).toEqual({ kind: "wait", round: 2, withinSeconds: 40 });
    expect(after(61)).toEqual({ kind: "restart", round: 3, withinSeconds: 60 });
    expect(after(3600)).toMatchObject({ kind: "restart", round: 9, withinSeconds: 4092 });
  });

  it("restarts nothing without a quorum, and says what to start", () => {
    expect(after(3600, ["japaneast", "eastasia"])).toEqual({
      kind: "no quorum",
      answering: 3,
      needed: 4,
      start: ["japaneast", "eastasia"],
    });
  });
});
