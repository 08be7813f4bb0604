import fc from "fast-check";
import type { PlannedCall } from "../../../contracts/calls";
import { callTriggers, contractTriggers } from "../../../contracts/command-lines";
import { compileContracts } from "../../../contracts/compile";
import { askChains } from "../../../contracts/outlook/ask";
import { splitIntoBlocks } from "../../../contracts/outlook/blocks";
import { planRows, viewOf } from "../../../contracts/outlook/describe";
import type { ChainOutlook, SeenChain } from "../../../contracts/outlook/outlook";
import { planChain } from "../../../contracts/plan";

jest.setTimeout(120_000);

const owner = "0x000000000000000000000000000000000000c0de";
const plan = planChain(
  "chain138",
  { owner },
  "salt",
  compileContracts(() => undefined),
);
const weth = plan.find(({ contract }) => contract === "WETH9")!;
type Found = SeenChain["contracts"][number];
const seen = (change: (name: string) => Partial<Found>, more: Partial<SeenChain> = {}): SeenChain => ({
  chain: "chain138",
  reachable: true,
  block: 12,
  blockHash: "0xb10c",
  wiped: false,
  blockGasLimit: "30000000",
  gasPrice: "1000000000",
  contracts: plan.map(({ name }) => ({ name, state: "absent", codeHash: null, gas: "1000000", ...change(name) })),
  calls: [],
  ...more,
});

describe("blocks", () => {
  const needs = fc.array(
    fc.record({ batch: fc.integer({ min: 0, max: 4 }), gas: fc.option(fc.bigInt({ min: 1n, max: 20_000_000n })) }),
    { maxLength: 30 },
  );

  test("hold everything once, in the order of the batches, and never more gas than they have", () => {
    fc.assert(
      fc.property(needs, fc.bigInt({ min: 1_000_000n, max: 60_000_000n }), fc.boolean(), (given, limit, barriers) => {
        const named = given.map((need, index) => ({ ...need, name: String(index) }));
        const { blocks, tooLarge } = splitIntoBlocks(named, limit, barriers);
        const of = (name: string) => named[Number(name)]!;
        expect([...blocks.flat(), ...tooLarge].sort()).toEqual(named.map(({ name }) => name).sort());
        const order = blocks.flat().map((name) => of(name).batch);
        expect(order).toEqual(order.toSorted((a, b) => a - b));
        for (const block of blocks) {
          expect(block.reduce((sum, name) => sum + (of(name).gas ?? 0n), 0n) <= limit).toBe(true);
          if (barriers) expect(new Set(block.map((name) => of(name).batch)).size).toBe(1);
        }
        for (const name of tooLarge)
          expect((of(name).gas ?? 0n) > (limit < 16_777_216n ? limit : 16_777_216n)).toBe(true);
      }),
    );
  });

  test("what no transaction can hold is told, not placed", () => {
    const need = (name: string, gas: bigint) => ({ name, batch: 0, gas });
    const found = splitIntoBlocks(
      [need("a", 16_777_216n), need("b", 16_777_217n), need("c", 14_000_000n)],
      30_000_000n,
      false,
    );
    expect(found).toEqual({ blocks: [["a"], ["c"]], tooLarge: ["b"] });
  });
});

describe("the plan as people read it", () => {
  test("has order, addresses, gas, cost and blocks; batches wait for each other's blocks", () => {
    const view = viewOf(
      "chain138",
      plan,
      [],
      "batches",
      seen(() => ({})),
    );
    expect(view.summary).toBe(
      "chain138 at block 12: 9 of 9 contracts to deploy, 9,000,000 gas, 0.009 ETH at 1 gwei, 3 blocks of 30,000,000 gas",
    );
    expect(view.warnings).toEqual([]);
    expect(planRows(view.lines)[2]).toEqual(["1", "chain138-weth9", weth.address, "deploy", "1", "1,000,000", "0.001"]);
    expect(
      viewOf(
        "chain138",
        plan,
        [],
        "dataflow",
        seen(() => ({})),
      ).summary,
    ).toContain(", 1 block of 30,000,000 gas");
  });

  test("splits by the block's gas, and warns of what a transaction cannot hold", () => {
    const large = seen((name) => ({ gas: name === weth.name ? "16777217" : "16000000" }));
    const { warnings, lines } = viewOf("chain138", plan, [], "dataflow", large);
    expect(warnings).toEqual([
      "chain138-weth9 needs 16,777,217 gas: a transaction may use 16,777,216 gas, and a block has 30,000,000. It will be refused.",
    ]);
    expect(lines.map(({ block }) => block).filter((block) => block !== null)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  test("warns of a chain that was begun anew", () => {
    const { warnings } = viewOf(
      "chain138",
      plan,
      [],
      "batches",
      seen(() => ({}), { wiped: true }),
    );
    expect(warnings).toEqual([expect.stringContaining("chain138 has another genesis than its journal")]);
  });

  test("says what is unknown, and why", () => {
    const out = viewOf("chain138", plan, [], "batches", {
      chain: "chain138",
      reachable: false,
      reason: "no connection",
    });
    expect(out.summary).toBe("chain138: 9 contracts; what is there, gas and cost are unknown (no connection)");
    expect(new Set(out.lines.map(({ action }) => action))).toEqual(new Set(["unknown"]));
    const partly = viewOf(
      "chain138",
      plan,
      [],
      "batches",
      seen((name) => ({ gas: name === weth.name ? null : "1000" })),
    );
    expect(partly.summary).toContain("more than 8,000 gas");
  });
});

describe("what a Command is run again for", () => {
  const kept = { ignoreChanges: ["triggers[1]"] };
  const changes = { ignoreChanges: [] };

  test.each<[string, ChainOutlook | undefined, object]>([
    ["a chain that was not asked", undefined, kept],
    ["one that does not answer", { chain: "chain138", reachable: false, reason: "" }, kept],
    ["code that is there", seen(() => ({ state: "there" })), kept],
    ["code that cannot be compared", seen(() => ({ state: "unknown" })), kept],
    ["no code", seen(() => ({})), changes],
    ["other code", seen(() => ({ state: "other", codeHash: "0xc0de" })), changes],
  ])("%s", (_, outlook, expected) => {
    expect(contractTriggers(weth, outlook)).toMatchObject(expected);
  });

  test("what vanishes a second time is a change again, because the block is another one", () => {
    const [first, second] = [12, 13].map(
      (block) =>
        contractTriggers(
          weth,
          seen(() => ({}), { block }),
        ).triggers,
    );
    expect(first).toEqual([weth.initCodeHash, `${weth.address}: no code at block 12 (0xb10c)`]);
    expect(second).not.toEqual(first);
  });

  test("a call is made again when a read says that it is needed; unknown is no reason", () => {
    const call = { name: "chain138-open-lane", digest: "0xd1" } as unknown as PlannedCall;
    const told = (done: boolean | null) =>
      callTriggers(
        call,
        seen(() => ({}), { calls: [{ name: call.name, done }] }),
      );
    expect(told(false)).toEqual({ triggers: ["0xd1", "needed at block 12 (0xb10c)"], ignoreChanges: [] });
    expect(told(true)).toEqual({ triggers: ["0xd1", "done"], ...kept });
    expect(told(null)).toEqual(told(true));
  });
});

test("a preview asks in a process of its own, and a chain that does not answer neither fails nor hangs it", () => {
  const chains = [{ chain: "chain138", rpcUrl: "http://127.0.0.1:9" }];
  const found = askChains({ salt: "salt", settings: { owner }, chains });
  expect(found.get("chain138")).toMatchObject({ reachable: false });
  expect(askChains({ salt: "salt", settings: { owner }, chains: [] }).size).toBe(0);
  expect(askChains({ suite: "no/such.yaml", salt: "salt", settings: { owner }, chains }).size).toBe(0);
});
