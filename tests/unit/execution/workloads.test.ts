import { recordAccessList } from "../../../execution/access-list";
import { boundOf, mostSpeedup } from "../../../execution/critical-path";
import { FlatState } from "../../../execution/state/flat-state";
import { toHex } from "../../../execution/state/hex";
import { Blocks, contention, workloads } from "../../../execution/workloads/workloads";
import { createWorld, rules, type World } from "../../../execution/workloads/world";

const TRANSACTIONS = 21;
let world: World;
beforeAll(async () => {
  world = await createWorld(TRANSACTIONS * 2);
}, 240_000);

const record = async (workload: (typeof workloads)[number]) => {
  const state = new FlatState();
  state.apply(world.state.snapshot());
  return recordAccessList({ rules, state }, new Blocks(world, workload, TRANSACTIONS, 1).next());
};
const boundFor = async (workload: (typeof workloads)[number]): Promise<number> =>
  mostSpeedup(boundOf((await record(workload)).accesses), 1000);

test.each(workloads)(
  "workload $name: every transaction succeeds, and a seed brings the same again",
  async (workload) => {
    const { executed } = await record(workload);
    expect(executed.outcomes.map(({ succeeded }) => succeeded)).not.toContain(false);
    const bytes = (): string[] => new Blocks(world, workload, TRANSACTIONS, 5).next().transactions.map(toHex);
    expect(bytes()).toEqual(bytes());
  },
);

test("the bound is the whole block where nothing meets, and 1 where everything does", async () => {
  expect(await boundFor(contention(0))).toBeGreaterThan(TRANSACTIONS / 2);
  expect(await boundFor(contention(100))).toBe(1);
  const [one, hundred] = await Promise.all(
    ["swaps-1", "swaps-100"].map((name) => boundFor(workloads.find((each) => each.name === name)!)),
  );
  expect(one).toBeLessThan(hundred!);
});
