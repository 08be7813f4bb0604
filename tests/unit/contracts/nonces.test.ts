import fc from "fast-check";
import type { SignedLine } from "../../../contracts/deploy/journal-lines";
import { decideNonces, nextNonces, type NonceDecision, type NonceView } from "../../../contracts/deploy/nonces";

const line = (nonce: number): SignedLine => ({
  type: "signed",
  name: `n${nonce}`,
  sender: "0x00000000000000000000000000000000000000AA",
  nonce,
  hash: "0x00",
  transaction: "0x00",
  at: "",
});

/** Any state of chain, pool and journal: the journal's nonces are those that are not mined yet. */
const views: fc.Arbitrary<NonceView> = fc
  .record({ mined: fc.nat(20), waiting: fc.nat(5), ours: fc.uniqueArray(fc.nat(12)) })
  .map(({ mined, waiting, ours }) => ({
    mined,
    pooled: mined + waiting,
    standing: ours.sort((a, b) => a - b).map((above) => line(mined + above)),
  }));

/** What must hold: the next nonce is the lowest that neither the pool nor a standing transaction of ours has. */
const isRight = ({ mined, pooled, standing }: NonceView, { next, resend, gaps, foreign }: NonceDecision): boolean => {
  const ours = new Set(standing.map(({ nonce }) => nonce));
  const taken = (nonce: number): boolean => nonce < pooled || ours.has(nonce);
  const lowest = [...Array(next).keys()].every(taken) && !taken(next);
  const allSent = standing.every((one) => one.nonce < pooled || resend.includes(one));
  const gapsAreFree = gaps.every((nonce) => !taken(nonce));
  const foreignAreNotOurs = foreign.every((nonce) => nonce >= mined && nonce < pooled && !ours.has(nonce));
  return lowest && allSent && gapsAreFree && foreignAreNotOurs;
};
const holdsFor = (decide: (view: NonceView) => NonceDecision): void => {
  fc.assert(
    fc.property(views, (view) => isRight(view, decide(view))),
    { numRuns: 1000 },
  );
};

test("the next nonce leaves no gap and takes nobody's", () => {
  holdsFor(decideNonces);
});

test.each<[string, (view: NonceView) => Partial<NonceDecision>]>([
  ["asks the pool alone", ({ pooled }) => ({ next: pooled })],
  ["asks the chain alone", ({ mined }) => ({ next: mined })],
  [
    "goes on above the journal, over gaps",
    ({ pooled, standing }) => ({ next: Math.max(pooled, (standing.at(-1)?.nonce ?? -1) + 1) }),
  ],
  ["sends nothing again", () => ({ resend: [] })],
])("the property tells one that %s", (_, broken) => {
  expect(() => {
    holdsFor((view) => ({ ...decideNonces(view), ...broken(view) }));
  }).toThrow();
});

test("transactions that wait and are not ours are foreign", () => {
  const view = { mined: 3, pooled: 6, standing: [line(4)] };
  expect(decideNonces(view)).toEqual({ resend: [], foreign: [3, 5], gaps: [], next: 6, above: 6 });
});

test("what the pool lacks is sent again, and the gap below it is the next nonce", () => {
  const view = { mined: 3, pooled: 3, standing: [line(4), line(6)] };
  expect(decideNonces(view)).toEqual({ resend: view.standing, foreign: [], gaps: [3, 5], next: 3, above: 7 });
});

test("several nonces at once are those that one after the other would get", () => {
  fc.assert(
    fc.property(views, fc.nat(8), (view, count) => {
      const oneByOne: number[] = [];
      for (let seen = view; oneByOne.length < count;) {
        const { next } = decideNonces(seen);
        oneByOne.push(next);
        seen = { ...seen, standing: [...seen.standing, line(next)].sort((a, b) => a.nonce - b.nonce) };
      }
      expect(nextNonces(decideNonces(view), count)).toEqual(oneByOne);
    }),
  );
});
