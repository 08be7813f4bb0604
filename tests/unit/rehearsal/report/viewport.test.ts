import fc from "fast-check";

import { pan, reveal, ticks, type Viewport, wholeRun, zoom } from "../../../../rehearsal/report/viewport";

const totalMs = fc.integer({ min: 1_000, max: 10_000_000 });
const share = fc.double({ min: 0, max: 1, noNaN: true });

/** A run, and a part of it that is shown. */
const shown = fc.tuple(totalMs, share, share).map(([total, at, length]) => {
  const span = 200 + length * (total - 200);
  const startMs = at * (total - span);
  return { total, view: { startMs, endMs: startMs + span } };
});

const length = ({ startMs, endMs }: Viewport): number => endMs - startMs;

test("whatever is done, the view stays inside the run and is not empty", () => {
  const factor = fc.double({ min: 0.01, max: 100, noNaN: true });
  fc.assert(
    fc.property(shown, factor, share, fc.integer({ min: -1e7, max: 1e7 }), ({ total, view }, by, around, delta) => {
      const moment = around * total;
      const span = { startMs: moment, endMs: moment + around * 1000 };
      for (const next of [zoom(view, by, moment, total), pan(view, delta, total), reveal(view, span, total)]) {
        expect(next.startMs).toBeGreaterThanOrEqual(0);
        expect(next.endMs).toBeLessThanOrEqual(total + 1e-6);
        expect(length(next)).toBeGreaterThanOrEqual(199.999);
      }
    }),
  );
});

test("zooming in keeps the moment under the pointer in its place", () => {
  fc.assert(
    fc.property(shown, share, ({ total, view }, at) => {
      fc.pre(length(view) > 500);
      const moment = view.startMs + at * length(view);
      const next = zoom(view, 2, moment, total);
      expect((moment - next.startMs) / length(next)).toBeCloseTo(at, 6);
    }),
  );
});

test("panning keeps the length", () => {
  fc.assert(
    fc.property(shown, fc.integer({ min: -1e7, max: 1e7 }), ({ total, view }, delta) => {
      expect(length(pan(view, delta, total))).toBeCloseTo(length(view), 5);
    }),
  );
});

test("revealing shows the span if it fits, and its beginning if it does not", () => {
  expect(reveal({ startMs: 0, endMs: 1_000 }, { startMs: 4_000, endMs: 4_200 }, 10_000)).toMatchObject({
    startMs: 3_250,
    endMs: 4_250,
  });
  expect(reveal({ startMs: 5_000, endMs: 6_000 }, { startMs: 100, endMs: 9_000 }, 10_000).startMs).toBe(5_000);
  expect(reveal({ startMs: 0, endMs: 1_000 }, { startMs: 2_000, endMs: 9_000 }, 10_000).startMs).toBe(1_950);
});

test("a run that took no time can be shown", () => {
  expect(wholeRun(0)).toEqual({ startMs: 0, endMs: 200 });
  expect(zoom(wholeRun(0), 2, 0, 0)).toEqual(wholeRun(0));
});

test("marks are inside the view, equally far apart, and never too many", () => {
  fc.assert(
    fc.property(shown, fc.integer({ min: 2, max: 20 }), ({ view }, most) => {
      const marks = ticks(view, most);
      expect(marks.length).toBeLessThanOrEqual(most + 1);
      for (const { atMs } of marks) expect(atMs >= view.startMs && atMs <= view.endMs).toBe(true);
      const distances = marks.slice(1).map(({ atMs }, before) => Math.round(atMs - marks[before]!.atMs));
      expect(new Set(distances).size).toBeLessThanOrEqual(1);
      expect(new Set(marks.map(({ label }) => label)).size).toBe(marks.length);
    }),
  );
});

test.each([
  [{ startMs: 0, endMs: 10_000 }, ["0", "5 s", "10 s"]],
  [{ startMs: 0, endMs: 900_000 }, ["0", "5 min", "10 min", "15 min"]],
  [{ startMs: 840_000, endMs: 880_000 }, ["14:00", "14:15", "14:30"]],
  [{ startMs: 840_000, endMs: 840_250 }, ["14:00.0", "14:00.1", "14:00.2"]],
  [{ startMs: 0, endMs: 10_000_000 }, ["0", "1 h", "2 h"]],
])("marks of %j", (view, labels) => {
  expect(ticks(view, 3).map(({ label }) => label)).toEqual(labels);
});
