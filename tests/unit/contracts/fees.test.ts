import fc from "fast-check";
import { boundedFees, FeeBoundError, raisedFees } from "../../../contracts/deploy/fees";
import { policyOf } from "../../../contracts/deploy/policy";
import { StuckWatch } from "../../../contracts/deploy/replace";

const gwei = 10n ** 9n;
const fee = fc.bigInt({ min: 0n, max: 10_000n * gwei });
const bounds = fc
  .tuple(fee, fee)
  .map(([maxFeePerGas, maxPriorityFeePerGas]) => ({ maxFeePerGas, maxPriorityFeePerGas }));

test("property: fees pay the next block and keep both bounds, or are refused because they cannot", () => {
  fc.assert(
    fc.property(fee, fee, bounds, (baseFee, tip, limit) => {
      const paid = tip < limit.maxPriorityFeePerGas ? tip : limit.maxPriorityFeePerGas;
      try {
        const { maxFeePerGas, maxPriorityFeePerGas } = boundedFees(baseFee, tip, limit);
        expect(maxPriorityFeePerGas).toBe(paid);
        expect(maxFeePerGas >= baseFee + maxPriorityFeePerGas).toBe(true);
        expect(maxFeePerGas <= limit.maxFeePerGas).toBe(true);
      } catch (error) {
        expect(error).toBeInstanceOf(FeeBoundError);
        expect(baseFee + paid > limit.maxFeePerGas).toBe(true);
      }
    }),
  );
});

test("property: raised fees are at least a tenth above the old ones and keep the bounds, or there is no room", () => {
  fc.assert(
    fc.property(fee, fee, fee, fee, bounds, (maxFeePerGas, oldTip, baseFee, tip, limit) => {
      const old = { maxFeePerGas, maxPriorityFeePerGas: oldTip < maxFeePerGas ? oldTip : maxFeePerGas };
      const raised = raisedFees(old, baseFee, tip, limit);
      const isTenthMore = (value: bigint, before: bigint): boolean => value > before && value * 10n >= before * 11n;
      if (raised === undefined) {
        const noFees = old.maxFeePerGas === 0n;
        const noRoom =
          !isTenthMore(limit.maxFeePerGas, old.maxFeePerGas) ||
          !isTenthMore(limit.maxPriorityFeePerGas, old.maxPriorityFeePerGas);
        expect(noFees || noRoom).toBe(true);
        return;
      }
      expect(isTenthMore(raised.maxFeePerGas, old.maxFeePerGas)).toBe(true);
      expect(isTenthMore(raised.maxPriorityFeePerGas, old.maxPriorityFeePerGas)).toBe(true);
      expect(raised.maxFeePerGas <= limit.maxFeePerGas).toBe(true);
      expect(raised.maxPriorityFeePerGas <= limit.maxPriorityFeePerGas).toBe(true);
      expect(raised.maxPriorityFeePerGas <= raised.maxFeePerGas).toBe(true);
    }),
  );
});

test("a rise of less than a tenth is what the judge above catches", () => {
  const old = { maxFeePerGas: 101n, maxPriorityFeePerGas: 11n };
  const raised = raisedFees(old, 0n, 0n, { maxFeePerGas: 1000n, maxPriorityFeePerGas: 1000n });
  expect(raised).toEqual({ maxFeePerGas: 112n, maxPriorityFeePerGas: 13n });
});

test("a chain without fees offers none, and has nothing to raise", () => {
  const { bounds: limit } = policyOf();
  expect(boundedFees(0n, 0n, limit)).toEqual({ maxFeePerGas: 0n, maxPriorityFeePerGas: 0n });
  expect(raisedFees({ maxFeePerGas: 0n, maxPriorityFeePerGas: 0n }, 0n, 0n, limit)).toBeUndefined();
});

test("a refusal names both figures", () => {
  const limit = policyOf({ maxFeeGwei: 20 }).bounds;
  expect(() => boundedFees(30n * gwei, gwei, limit)).toThrow("asks 31 gwei for gas; at most 20 is allowed");
});

test("a fraction of a gwei is exact", () => {
  expect(policyOf({ maxFeeGwei: 1e-7 }).bounds.maxFeePerGas).toBe(100n);
});

test("a transaction is stuck when it was next in line for so many blocks; another one begins anew", () => {
  const watch = new StuckWatch(3);
  expect([10, 12, 13].map((block) => watch.isStuck("a", block))).toEqual([false, false, true]);
  expect(watch.isStuck("b", 14)).toBe(false);
  expect(watch.isStuck("b", 17)).toBe(true);
});
