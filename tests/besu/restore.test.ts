import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { lookBeforeRestore, type RestoreSide, restoreValidator } from "../../operations/backups/restore";
import { ChainLedger } from "../../operations/exporter/ledger";
import { readHeaders } from "../../operations/exporter/headers";
import { createExporter } from "../../operations/exporter/settings";
import { rpcValidators } from "../../operations/regions/validators";
import { dashboards } from "../../monitoring/dashboards/all";
import { alertRules, networkOf } from "../../monitoring/alerts";
import { seriesOf } from "../../monitoring/promql";
import { describeTier } from "../support/tier";
import { administer } from "./support/admin";
import { headOf, secondsToAdvance, startNetwork, type TestNetwork } from "./support/network";

jest.setTimeout(400_000);

const region = "japaneast";
/** The one that is restored; the first is asked. */
const ORDINAL = 3;

describeTier("besu", "backups and monitoring of a network of real Besu processes", () => {
  let network: TestNetwork;
  beforeAll(async () => {
    network = await startNetwork(4);
  });
  afterAll(() => network.close());
  const validators = () => network.nodes.map(({ rpcUrl: url }, ordinal) => ({ region, ordinal, url }));
  const options = () => ({ validators: rpcValidators, all: validators(), timeoutMs: 240_000, pollMs: 250 });

  test("a validator whose disk and key are gone is restored from a copy of its data and the vault's key", async () => {
    const node = network.nodes[ORDINAL]!;
    const [data, copy, keyFile] = [
      join(node.folder, "data"),
      join(node.folder, "snapshot"),
      join(node.folder, "node.key"),
    ];
    const vault = new Map([[`validator-${ORDINAL}-key`, readFileSync(keyFile, "utf8")]]);
    const before = await headOf(network.nodes[0]!);
    // A snapshot of a disk is of one moment; so is a copy while nothing is written.
    await network.stop(node);
    cpSync(data, copy, { recursive: true });
    await network.start(node);

    const side: RestoreSide = {
      snapshots: () => Promise.resolve([{ name: "copy", takenAtMs: Date.now(), ready: existsSync(copy) }]),
      keyKept: ({ ordinal }) => Promise.resolve(vault.has(`validator-${ordinal}-key`)),
      stop: () => network.stop(node),
      swapDisk: () => {
        rmSync(data, { recursive: true });
        rmSync(keyFile);
        cpSync(copy, data, { recursive: true });
        return Promise.resolve("wiped");
      },
      start: async () => {
        writeFileSync(keyFile, vault.get(`validator-${ORDINAL}-key`)!, { mode: 0o600 });
        await network.start(node);
      },
    };
    const own = options();
    const validator = own.all[ORDINAL]!;
    expect(await secondsToAdvance(network.nodes[0]!, 8, 120)).toBeDefined();
    const { plan } = await lookBeforeRestore(side, validator, own);
    const result = await restoreValidator(side, plan, validator, node.address, own);

    expect(result.inSyncAt).toBeGreaterThan(before);
    expect(await secondsToAdvance(node, 4, 120)).toBeDefined();
  });

  test("missed turns and proposals are those that qbft_getSignerMetrics tells, over the same blocks", async () => {
    const [first] = network.nodes;
    const to = await headOf(first!);
    const from = Math.max(1, to - 90);
    const headers = await readHeaders(
      first!.rpcUrl,
      Array.from({ length: to - from + 2 }, (_, i) => from - 1 + i),
    );
    const ledger = new ChainLedger(headers[0]!);
    const facts = headers.slice(1).map((header) => ledger.add(header));

    const [told] = await administer(first!, {
      method: "qbft_getSignerMetrics",
      params: [`0x${from.toString(16)}`, `0x${(to + 1).toString(16)}`],
    });
    const metrics = told as readonly { address: string; proposedBlockCount: string }[];
    const counted = Object.fromEntries([...ledger.proposers].map(([address, { proposed }]) => [address, proposed]));
    expect(
      Object.fromEntries(metrics.map(({ address, proposedBlockCount }) => [address, Number(proposedBlockCount)])),
    ).toEqual(counted);
    // The node that was restored was away for some of its turns, and nobody else was.
    const missed = facts.flatMap((fact) => fact.missed);
    expect(missed.length).toBe(facts.reduce((sum, { round }) => sum + round, 0));
    expect(missed).toContain(network.nodes[ORDINAL]!.address);
  });

  test("a validator exports every series of Besu that alerts and dashboards read", async () => {
    const { ports } = network.nodes[0]!;
    const text = await (await fetch(`http://127.0.0.1:${ports.metrics}/metrics`)).text();
    const exported = new Set([...text.matchAll(/^([a-zA-Z_:][\w:]*)/gm)].map(([name]) => name));
    const settings = { chain: { blockPeriodSeconds: 1, requestTimeoutSeconds: 2 }, regions: [{ validators: 4 }] };
    const expressions = [
      ...alertRules(networkOf(settings)).map(({ expression }) => expression),
      ...dashboards.flatMap(({ panels }) => panels.flatMap(({ targets }) => targets.map(({ expr }) => expr))),
    ];
    const read = new Set(expressions.flatMap(seriesOf).filter((name) => /^(besu|ethereum|process)_/.test(name)));

    expect(read.size).toBeGreaterThan(10);
    expect([...read].filter((name) => !exported.has(name))).toEqual([]);
    expect(text).toMatch(/besu_network_p2p_messages_inbound_total\{[^}]*name="Commit",protocol="istanbul\/100"\}/);
  });

  test("the exporter tells of the network what it is", async () => {
    const exporter = createExporter({ regions: [{ name: region, validators: validators() }], blockPeriodSeconds: 1 });
    await exporter.poll();
    const { text } = await exporter.metrics.render();

    expect(text.match(/^meridian_validator_ready\{.*\} 1$/gm)).toHaveLength(4);
    expect(text).toContain("meridian_chain_quorum 3");
    expect(text).toContain("meridian_forked_checkpoints 0");
    expect(text).toMatch(
      new RegExp(`meridian_validator_info\\{.*address="${network.nodes[0]!.address}",version="v\\d`),
    );
  });
});
