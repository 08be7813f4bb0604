import fc from "fast-check";
import { Pace, type Way } from "../../../execution/parallel/pace";

/** Ways of `blocks` blocks of a million gas, where each way takes what `ms` says. */
function ways(blocks: number, ms: (way: Way, block: number) => number): Way[] {
  const pace = new Pace();
  return Array.from({ length: blocks }, (_, block) => {
    const way = pace.choose();
    pace.note(way, ms(way, block), 1_000_000);
    return way;
  });
}
const count = (all: readonly Way[], way: Way): number => all.filter((each) => each === way).length;

test("both ways are tried, then the faster one is taken, whichever it is", () => {
  const cost = fc.integer({ min: 1, max: 1_000 });
  fc.assert(
    fc.property(cost, cost, (together, inOrder) => {
      fc.pre(together !== inOrder);
      const taken = ways(180, (way) => (way === "together" ? together : inOrder)).slice(10);
      const faster = together < inOrder ? "together" : "in order";
      expect(count(taken, faster)).toBe(160);
    }),
  );
});

test("a way that has become the faster one is found within some tries", () => {
  const taken = ways(200, (way, block) => (way === "in order" ? 100 : block < 50 ? 200 : 50));
  expect(count(taken.slice(10, 50), "in order")).toBeGreaterThanOrEqual(37);
  expect(count(taken.slice(120), "together")).toBeGreaterThanOrEqual(72);
});

test("the first blocks of all threads do not decide: their code is still being compiled", () => {
  const taken = ways(100, (way, block) => (way === "in order" ? 100 : block < 4 ? 900 : 60));
  expect(count(taken.slice(10), "together")).toBeGreaterThanOrEqual(80);
});

test("a block without gas says nothing", () => {
  const pace = new Pace();
  for (let block = 0; block < 8; block++) pace.note("together", 5, 0);
  pace.note("in order", 1, 0);
  pace.note("in order", 1, 1_000_000);
  expect(pace.choose()).toBe("together");
});
