import type { ExecutedBlock, Executor, Strategy } from "../../../execution/executor";
import { recordAccessList } from "../../../execution/access-list";
import { createExecutor } from "../../../execution/create";
import { ParallelExecutor } from "../../../execution/parallel/parallel-executor";
import { receiptsRootOf } from "../../../execution/receipts";
import { SequentialExecutor } from "../../../execution/sequential";
import type { FlatState } from "../../../execution/state/flat-state";
import { StateRoot } from "../../../execution/state/state-root";
import { conflicts } from "./support/conflicts";
import { type Action, blockOf, contracts, createWorld, people, rules } from "./support/world";
import { words } from "./support/assembler";
import { toHex } from "../../../execution/state/hex";

/** Threads start a bundle of their own; on a busy machine that takes its time. */
const TIMEOUT_MS = 240_000;

/** Block after block on one state: what each leaves is what the next begins with. */
const series = Object.values(conflicts).map((actions) => blockOf(actions));

async function run(executor: Executor, state: FlatState): Promise<string[]> {
  const root = new StateRoot();
  root.apply(state.snapshot(), state);
  const seen: string[] = [];
  for (const input of series) {
    const told = await executor.execute(input).then(
      (executed: ExecutedBlock) => {
        root.apply(executed.changes, state);
        return `${root.root()} ${receiptsRootOf(executed.outcomes)} ${executed.gasUsed} ${executed.warnings.join()}`;
      },
      (error: unknown) => String(error),
    );
    seen.push(told);
  }
  return seen;
}

const options = () => ({ rules: rules as never, state: createWorld(), threads: 3 });

test.each<Strategy>(["optimistic", "adaptive"])(
  "%s, in real threads: block after block as one after the other, those refused included",
  async (strategy) => {
    const state = createWorld();
    const expected = await run(new SequentialExecutor({ ...options(), state }), state);
    const given = options();
    const executor = await createExecutor(strategy, given);
    try {
      expect(await run(executor, given.state)).toEqual(expected);
      expect(expected.some((line) => line.startsWith("InvalidBlockError"))).toBe(true);
    } finally {
      await executor.close();
    }
  },
  TIMEOUT_MS,
);

const busy: readonly Action[] = Array.from({ length: 8 }, (_, n) => ({
  ...{ from: n % 8, to: contracts.counter, data: words(BigInt(n % 3)) },
}));

test(
  "scheduled, in real threads; without an access list it is refused, and says what to do",
  async () => {
    const given = options();
    const executor = await createExecutor("scheduled", given);
    try {
      const input = blockOf(busy);
      await expect(executor.execute(input)).rejects.toThrow("needs the block's access list");
      const { accessList, executed } = await recordAccessList({ ...options(), state: createWorld() }, input);
      const { outcomes } = await executor.execute({ ...input, accessList });
      expect(receiptsRootOf(outcomes)).toBe(receiptsRootOf(executed.outcomes));
    } finally {
      await executor.close();
    }
  },
  TIMEOUT_MS,
);

test(
  "a block too large for the shared memory first given to it gets more",
  async () => {
    // 20 events of 4 kB in each transaction: 60 times what is set aside for one.
    const given = options();
    const noisy = `0x${"610fff6000a0".repeat(20)}00`;
    const code = Uint8Array.from(Buffer.from(noisy.slice(2), "hex"));
    const loud = "0x00000000000000000000000000000000000000ee";
    given.state.put(loud, { nonce: 1n, code });
    const state = createWorld();
    state.put(loud, { nonce: 1n, code });
    const input = blockOf(people.map((_, from) => ({ from, to: loud, gas: 3_000_000n })));
    const executor = await createExecutor("optimistic", given);
    try {
      const expected = await new SequentialExecutor({ ...given, state }).execute(input);
      const { outcomes, warnings } = await executor.execute(input);
      expect(warnings).toEqual([]);
      expect(outcomes.map(({ logs }) => logs.map(({ data }) => toHex(data)))).toEqual(
        expected.outcomes.map(({ logs }) => logs.map(({ data }) => toHex(data))),
      );
    } finally {
      await executor.close();
    }
  },
  TIMEOUT_MS,
);

describe("when a thread is lost, the block is executed in order, with a warning", () => {
  test.each([
    ["crash", "ended with code 70"],
    ["memory", "memory"],
    ["hang", "does not come back"],
  ] as const)(
    "%s",
    async (fault, words) => {
      const state = createWorld();
      const input = blockOf(busy);
      const expected = await new SequentialExecutor({ ...options(), state }).execute(input);
      const executor = await ParallelExecutor.create({
        ...options(),
        threads: 2,
        strategy: "optimistic",
        memoryMb: 96,
        hangTimeoutMs: fault === "hang" ? 1_000 : 200_000,
        broken: { fault },
      });
      try {
        const { outcomes, warnings } = await executor.execute(input);
        expect(warnings).toEqual([expect.stringContaining("The block was executed in order: a worker thread ")]);
        expect(warnings[0]).toContain(words);
        expect(receiptsRootOf(outcomes)).toBe(receiptsRootOf(expected.outcomes));
      } finally {
        await executor.close();
      }
    },
    TIMEOUT_MS,
  );
});
