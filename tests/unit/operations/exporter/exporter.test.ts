import { checkpointBlocks, checkpointsAt, forkedAt } from "../../../../operations/exporter/checkpoints";
import { Exporter } from "../../../../operations/exporter/exporter";
import type { BlockHeader } from "../../../../operations/exporter/headers";
import { exporterMetrics } from "../../../../operations/exporter/metric-names";
import type { OperatedValidator } from "../../../../operations/regions/network";
import { account, qbftChain } from "../../../support/qbft-chain";

const regions = ["japaneast", "uksouth", "brazilsouth", "northeurope"];
const four = regions.map((_, i) => account(i + 1));

interface Node {
  chain: readonly BlockHeader[];
  /** Number of its newest block. */
  head: number;
  down?: boolean;
  /** It takes the question, and never answers. */
  hangs?: boolean;
  version?: string;
  peers?: number;
}

/** An exporter before made-up nodes, whose every question is written down. */
function watch(nodes: Node[], more: Partial<ConstructorParameters<typeof Exporter>[0]> = {}) {
  const validators = nodes.map((_, i): OperatedValidator => ({
    region: regions[i]!,
    ordinal: 0,
    url: String(i),
    metricsUrl: "",
  }));
  const asked: string[] = [];
  const exporter = new Exporter({
    validators,
    blockPeriodSeconds: 100,
    now: () => 1_000_000,
    side: {
      report: ({ region, ordinal, url }, _window, signal) => {
        if (nodes[Number(url)]!.hangs === true) {
          return new Promise((_, fail) => signal.addEventListener("abort", () => fail(new Error("late"))));
        }
        const { chain, head, down = false, version = "besu/v26.8.0/linux", peers = 3 } = nodes[Number(url)]!;
        if (down) return Promise.reject(new Error("refused"));
        const { number, hash, timestampMs, proposer, round } = chain[head]!;
        const block = { number, hash, timestampMs, proposer, round };
        return Promise.resolve({
          ...{ region, ordinal, head: block, blocks: [block], seenAtMs: 0, syncing: false, peers, version },
          ...{ genesisHash: chain[0]!.hash, address: four[Number(url)]!, parallel: undefined },
        });
      },
    },
    headers: (url, numbers) => {
      asked.push(`${url}: ${numbers.join(",")}`);
      const { chain, head, down = false } = nodes[Number(url)]!;
      if (down) return Promise.reject(new Error("refused"));
      return Promise.resolve(numbers.flatMap((number) => (number <= head ? (chain[number] ?? []) : [])));
    },
    ...more,
  });
  const value = async (name: keyof typeof exporterMetrics, labels: Record<string, unknown> = {}) => {
    const metric = await exporter.metrics.registry.getSingleMetric(name)!.get();
    const found = metric.values.find((one) =>
      Object.entries(labels).every(([key, wanted]) => (one.labels as Record<string, unknown>)[key] === wanted),
    );
    return found?.value;
  };
  return { exporter, value, asked };
}

const nodesOf = (chain: readonly BlockHeader[], head: number): Node[] => regions.map(() => ({ chain, head }));

test("a healthy network: all ready, quorum 3 of 4, the head's time, nothing missed", async () => {
  const nodes = nodesOf(qbftChain(four, 50), 20);
  const { exporter, value } = watch(nodes);
  await exporter.poll();
  expect(await value("meridian_blocks_total")).toBe(0);
  for (const node of nodes) node.head = 40;
  await exporter.poll();

  expect(exporter.ready).toBe(true);
  expect(await Promise.all(regions.map((region) => value("meridian_validator_ready", { region })))).toEqual([
    1, 1, 1, 1,
  ]);
  expect(await value("meridian_chain_quorum")).toBe(3);
  expect(await value("meridian_chain_head_timestamp_seconds")).toBe(80);
  expect(await value("meridian_blocks_total")).toBe(20);
  expect(await value("meridian_missed_proposals_total", { validator: four[2] })).toBe(0);
  expect(await value("meridian_exporter_polls_total", { result: "complete" })).toBe(2);
});

test("one that is silent is not up; one that is behind is up and not ready; what they said before is gone", async () => {
  const nodes = nodesOf(qbftChain(four, 50), 20);
  const { exporter, value } = watch(nodes);
  await exporter.poll();
  for (const node of nodes) node.head = 30;
  nodes[1]!.down = true;
  nodes[2]!.head = 26;
  await exporter.poll();

  expect(await value("meridian_validator_up", { region: "uksouth" })).toBe(0);
  expect(await value("meridian_validator_head", { region: "uksouth" })).toBeUndefined();
  expect(await value("meridian_validator_up", { region: "brazilsouth" })).toBe(1);
  expect(await value("meridian_validator_ready", { region: "brazilsouth" })).toBe(0);
  expect(await value("meridian_chain_head")).toBe(30);
});

test("reads each block once, in order, from whoever has it", async () => {
  const chain = qbftChain(four, 400);
  const nodes = nodesOf(chain, 300);
  const { exporter, value, asked } = watch(nodes);
  await exporter.poll();
  nodes[0]!.head = 310;
  await exporter.poll();
  nodes[0]!.down = true;
  nodes[3]!.head = 315;
  await exporter.poll();

  const read = asked.flatMap((line) => (line.includes(",") ? line.split(": ")[1]!.split(",").map(Number) : []));
  expect(read.filter((number) => number > 172)).toEqual(expect.arrayContaining([173, 300, 301, 310, 311, 315]));
  expect(await value("meridian_blocks_total")).toBe(15);
  expect(await value("meridian_chain_head")).toBe(315);
});

test("rounds and missed turns are counted from the exporter's start on, so that a restart counts none twice", async () => {
  const away = [four[2]!];
  const at = Object.fromEntries(Array.from({ length: 49 }, (_, i) => [i + 1, { away }]));
  const nodes = nodesOf(qbftChain(four, 50, { at }), 24);
  const { exporter, value } = watch(nodes);
  await exporter.poll();
  expect(await value("meridian_missed_proposals_total", { validator: four[2] })).toBe(0);
  for (const node of nodes) node.head = 48;
  await exporter.poll();

  expect(await value("meridian_missed_proposals_total", { validator: four[2] })).toBe(8);
  expect(await value("meridian_block_rounds_total")).toBe(8);
  expect(await value("meridian_proposed_blocks_total", { validator: four[2] })).toBe(0);
  expect(await value("meridian_last_proposed_block", { validator: four[0] })).toBeGreaterThan(40);
});

test("nobody answers: not ready, every validator down, and the chain's last word stays", async () => {
  const nodes = nodesOf(qbftChain(four, 50), 10);
  const { exporter, value } = watch(nodes);
  await exporter.poll();
  for (const node of nodes) node.down = true;
  await exporter.poll();

  expect(exporter.ready).toBe(false);
  expect(await value("meridian_validator_up", { region: "japaneast" })).toBe(0);
  expect(await value("meridian_chain_head_timestamp_seconds")).toBe(20);
  expect(await value("meridian_exporter_polls_total", { result: "partial" })).toBe(1);
});

test("two validators with different blocks at a checkpoint are a fork; the same blocks are none", async () => {
  const chain = qbftChain(four, 50);
  const nodes = nodesOf(chain, 40);
  const { exporter, value } = watch(nodes);
  await exporter.poll();
  expect(await value("meridian_forked_checkpoints")).toBe(0);

  nodes[3] = { chain: qbftChain(four, 50, { salt: "f" }), head: 43 };
  for (const node of nodes) node.head = 43;
  await exporter.poll();
  expect(await value("meridian_forked_checkpoints")).toBeGreaterThan(0);
  expect(await value("meridian_checkpoint_info", { region: "northeurope", number: 39 })).toBe(1);
});

test("one that hangs is not up, and keeps no block of the others from being read", async () => {
  const nodes = nodesOf(qbftChain(four, 50), 20);
  const { exporter, value } = watch(nodes, { askTimeoutMs: 50 });
  await exporter.poll();
  nodes[0]!.hangs = true;
  for (const node of nodes) node.head = 30;
  await exporter.poll();

  expect(await value("meridian_validator_up", { region: "japaneast" })).toBe(0);
  expect(await value("meridian_chain_head")).toBe(30);
  expect(await value("meridian_exporter_polls_total", { result: "complete" })).toBe(2);
});

test("what expires is asked for seldom, and again with the next poll when it could not be had", async () => {
  let asks = 0;
  let now = 1_000_000;
  const source = () => {
    asks += 1;
    if (asks === 1) return Promise.reject(new Error("not yet"));
    return Promise.resolve([{ region: "japaneast", name: "rpc-gateway", atMs: 5_000_000 }]);
  };
  const { exporter, value } = watch(nodesOf(qbftChain(four, 9), 5), { expiries: [source], now: () => now });
  for (let poll = 0; poll < 4; poll++) await exporter.poll();
  expect(asks).toBe(2);
  expect(await value("meridian_expiry_timestamp_seconds", { name: "rpc-gateway" })).toBe(5_000);
  now += 3_600_000;
  await exporter.poll();
  expect(asks).toBe(3);
});

describe("checkpoints", () => {
  test("are about every five minutes, and the same for everybody", () => {
    expect([checkpointBlocks(2), checkpointBlocks(1), checkpointBlocks(3600)]).toEqual([150, 300, 1]);
  });

  test("are the newest two that lie two blocks behind the head, and never the genesis block", () => {
    expect(checkpointsAt(302, 150)).toEqual([300, 150]);
    expect(checkpointsAt(301, 150)).toEqual([150]);
    expect(checkpointsAt(100, 150)).toEqual([]);
  });

  test("fork where hashes differ at one number, and not at another", () => {
    const seen = [
      { number: 150, hash: "0xa" },
      { number: 150, hash: "0xb" },
      { number: 300, hash: "0xc" },
      { number: 300, hash: "0xc" },
    ];
    expect(forkedAt(seen)).toEqual([150]);
  });
});
