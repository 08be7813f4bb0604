import fc from "fast-check";

import { averageInUse, slotsInUse } from "../../../../rehearsal/report/slots";
import { devRun } from "../../../support/run";
import { operations } from "./arbitrary";

test("between two steps as many slots are in use as operations hold one", () => {
  fc.assert(
    fc.property(operations, (list) => {
      for (const { atMs, inUse } of slotsInUse(list)) {
        expect(inUse).toBe(list.filter(({ startMs, endMs }) => startMs <= atMs && atMs < endMs).length);
      }
    }),
  );
});

test("it begins at 0, ends with none in use, and every step is a change", () => {
  fc.assert(
    fc.property(operations, (list) => {
      const steps = slotsInUse(list);
      expect(steps[0]!.atMs).toBe(0);
      expect(steps.at(-1)!.inUse).toBe(0);
      steps.slice(1).forEach(({ inUse }, before) => expect(inUse).not.toBe(steps[before]!.inUse));
    }),
  );
});

test("the average is the time of all slots over the time of the run", () => {
  expect(
    averageInUse(
      slotsInUse([
        { startMs: 0, endMs: 10 },
        { startMs: 5, endMs: 10 },
      ]),
      10,
    ),
  ).toBe(1.5);
  expect(averageInUse([], 0)).toBe(0);
});

test("no more than --parallel are ever in use, and with few slots all of them are", () => {
  const most = Math.max(...slotsInUse(devRun(8).trace).map(({ inUse }) => inUse));
  expect(most).toBe(8);
});
