import { RLP } from "@ethereumjs/rlp";

import { toHex } from "../../../execution/state/hex";
import { executeInterleaved, choices } from "./support/interleaved";
import { executePlainly } from "./support/oracle";
import { conflicts } from "./support/conflicts";
import { changed, reference, settled, verdict } from "./support/compare";
import { type Action, blockOf, createWorld } from "./support/world";
import type { AccessedValue, BlockInput } from "../../../execution/block";
import { recordAccessList } from "../../../execution/access-list";
import { rules } from "./support/world";

const seeds = [1, 2, 3, 4, 5, 6, 7, 8];

const interleaved = async (input: BlockInput, seed: number, adaptive: boolean) => {
  const executed = await executeInterleaved(createWorld(), input, {
    hands: 2 + Math.trunc(seed / 3),
    pick: choices(seed),
    adaptive,
  });
  return verdict(executed, createWorld(), changed(createWorld, executed.changes));
};

describe.each(Object.entries(conflicts))("transactions that meet: %s", (_name, actions) => {
  const input = blockOf(actions);

  test("one after the other gives what plain EthereumJS gives", async () => {
    const ours = await reference(input);
    const plain = await executePlainly(createWorld(), input);
    expect(ours.stateRoot).toBe(plain.stateRoot);
    expect(
      ours.outcomes.map(({ succeeded, gasUsed, logs, bloom }) => ({
        ...{ succeeded, gasUsed, bloom: toHex(bloom) },
        logs: toHex(RLP.encode(logs.map(({ address, topics, data }) => [address, [...topics], data]))),
      })),
    ).toEqual(plain.receipts.map(({ logs, ...rest }) => ({ ...rest, logs: toHex(RLP.encode(logs as never)) })));
  });

  test("optimistic, in every order that was tried, gives what one after the other gives", async () => {
    const expected = await reference(input);
    for (const seed of seeds) expect(await interleaved(input, seed, seed % 2 === 0)).toEqual(expected);
  });

  test("scheduled by its access list, it gives the same", async () => {
    const expected = await reference(input);
    const { accessList } = await recordAccessList({ rules: rules, state: createWorld() }, input);
    for (const seed of seeds.slice(0, 3)) {
      const executed = await executeInterleaved(
        createWorld(),
        { ...input, accessList },
        { hands: 3, pick: choices(seed) },
      );
      expect(verdict(executed, createWorld(), changed(createWorld, executed.changes))).toEqual(expected);
    }
  });
});

test("a wrong access list costs time, never the result", async () => {
  const input = blockOf(conflicts["same slot"] ?? []);
  const { accessList } = await recordAccessList({ rules: rules, state: createWorld() }, input);
  const wrong = accessList.map((accesses) =>
    accesses.map((access) => (access.value === undefined ? access : { ...access, value: access.value + 3n })),
  );
  const stray: AccessedValue = { address: `0x${"77".repeat(20)}`, field: "balance", value: 9n };
  const invented = wrong.map((accesses, n) => (n === 1 ? [] : [...accesses, stray]));
  for (const seed of seeds) {
    const executed = await executeInterleaved(
      createWorld(),
      { ...input, accessList: invented },
      { hands: 3, pick: choices(seed) },
    );
    expect(verdict(executed, createWorld(), changed(createWorld, executed.changes))).toEqual(await reference(input));
  }
});

describe("a block that no proposer makes is refused for the first transaction that cannot be in it", () => {
  const transfer: Action = { from: 0, to: `0x${"55".repeat(20)}`, value: 1n, gas: 21_000n };
  test.each<[string, readonly Action[], number]>([
    ["a nonce too high", [transfer, { ...transfer, nonceOff: 1n }, transfer], 1],
    ["a nonce used before", [transfer, transfer, { ...transfer, nonceOff: -1n }], 2],
    ["more than the sender has", [transfer, { ...transfer, from: 1, value: 10n ** 21n }], 1],
    ["too little gas", [{ ...transfer, gas: 20_000n }, transfer], 0],
    [
      "more gas than is left of the block",
      Array.from({ length: 6 }, (_, from) => ({ ...transfer, from, gas: 99_950_000n })),
      3,
    ],
  ])("%s", async (_what, actions, index) => {
    const input = blockOf(actions);
    const expected = await settled(reference(input));
    expect(String(expected)).toContain(`InvalidBlockError: transaction ${index} cannot`);
    for (const seed of seeds) expect(await settled(interleaved(input, seed, false))).toBe(expected);
  });

  test("bytes that are no transaction", async () => {
    const input = { ...blockOf([transfer]), transactions: [Uint8Array.of(1, 2, 3)] };
    const expected = await settled(reference(input));
    expect(String(expected)).toContain("InvalidBlockError: transaction 0 cannot");
    expect(await settled(interleaved(input, 1, false))).toBe(expected);
  });
});
