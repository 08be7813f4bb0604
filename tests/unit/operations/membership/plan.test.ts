import fc from "fast-check";
import type { Address } from "viem";

import { type Member, type MembershipView, planVotes, VoteRefusedError } from "../../../../operations/membership/plan";
import { quorum } from "../../../../regions/quorum";

const addressOf = (i: number): Address => `0x${i.toString(16).padStart(40, "0")}`;
const regionNames = ["japaneast", "uksouth", "eastus", "westus", "francecentral", "brazilsouth", "koreacentral"];

/** Validators over regions in turn; the first `inSet` are in the set. */
const network = (total: number, inSet: number, down: readonly number[] = [], regions = 7): MembershipView => ({
  set: Array.from({ length: inSet }, (_, i) => addressOf(i + 1)),
  members: Array.from({ length: total }, (_, i): Member => {
    const [region = "", ordinal] = [regionNames[i % regions], Math.floor(i / regions)];
    return { name: `${region}/${ordinal}`, region, ordinal, address: addressOf(i + 1), ready: !down.includes(i) };
  }),
  allowSingleRegionHalt: false,
});
const nameAt = (view: MembershipView, i: number): string => view.members[i]?.name ?? "";

it.each([
  [4, 3],
  [5, 3],
  [7, 4],
  [10, 6],
  [48, 25],
])("of %i validators floor(N/2)+1 vote for one more", (validators, voters) => {
  const view = { ...network(validators + 1, validators), allowSingleRegionHalt: true };
  const [vote, ...more] = planVotes(view, "admit", [nameAt(view, validators)]);

  expect(more).toEqual([]);
  expect([vote?.before, vote?.after, vote?.voters.length]).toEqual([validators, validators + 1, voters]);
});

test("several change one at a time, each with the votes of the set that it meets", () => {
  const view = network(7, 7);
  const votes = planVotes(view, "dismiss", [nameAt(view, 6), nameAt(view, 5), nameAt(view, 4)]);

  expect(votes.map(({ before, after, voters }) => [before, after, voters.length])).toEqual([
    [7, 6, 4],
    [6, 5, 4],
    [5, 4, 3],
  ]);
});

test("who is dismissed votes only where the others are too few", () => {
  const view = network(5, 5);
  expect(planVotes(view, "dismiss", [nameAt(view, 0)])[0]?.voters).not.toContain(nameAt(view, 0));
});

test("what is as wanted needs no vote", () => {
  const view = network(6, 5);
  expect(planVotes(view, "admit", [nameAt(view, 0)])).toEqual([]);
  expect(planVotes(view, "dismiss", [nameAt(view, 5)])).toEqual([]);
});

test("one that is dead is dismissed by its address, since its name tells no account", () => {
  const healthy = network(6, 6, [5]);
  const view = {
    ...healthy,
    members: healthy.members.map((one, i) => (i === 5 ? { ...one, address: undefined } : one)),
  };

  expect(() => planVotes(view, "dismiss", [nameAt(view, 5)])).toThrow(/does not answer, so its account is not known/);
  expect(planVotes(view, "dismiss", [addressOf(6)])).toMatchObject([{ name: addressOf(6), before: 6, after: 5 }]);
});

it.each([
  ["would leave fewer than four", network(4, 4), 0, "dismiss", "would leave 3 validators"],
  ["would leave too few in sync", network(7, 7, [0, 1, 2]), 6, "dismiss", "would leave 3 validators in sync of 6"],
  ["needs more in sync than there are", network(8, 7, [0, 1, 2]), 7, "admit", "would leave 5 validators in sync of 8"],
  ["lets one region halt the chain", network(6, 6, [], 3), 0, "dismiss", "would let the failure of uksouth alone"],
] as const)("a change that %s is refused", (_, view, who, change, message) => {
  const plan = () => planVotes(view, change, [nameAt(view, who)]);

  expect(plan).toThrow(VoteRefusedError);
  expect(plan).toThrow(message);
});

test("the failure of one region may halt the chain where the stack allows it", () => {
  const view = { ...network(6, 6, [], 3), allowSingleRegionHalt: true };
  expect(planVotes(view, "dismiss", [nameAt(view, 0)])).toHaveLength(1);
});

test("whatever is planned, more than half vote, all of them in sync, and a quorum is in sync after each vote", () => {
  const networks = fc
    .record({ total: fc.integer({ min: 4, max: 30 }), regions: fc.integer({ min: 3, max: 7 }) })
    .chain(({ total, regions }) =>
      fc.record({
        inSet: fc.integer({ min: 4, max: total }),
        down: fc.uniqueArray(fc.nat(total - 1), { maxLength: 6 }),
        wanted: fc.uniqueArray(fc.nat(total - 1), { minLength: 1, maxLength: 5 }),
        change: fc.constantFrom("admit" as const, "dismiss" as const),
        ...{ total: fc.constant(total), regions: fc.constant(regions), allowed: fc.boolean() },
      }),
    );
  let planned = 0;
  fc.assert(
    fc.property(networks, ({ total, regions, inSet, down, wanted, change, allowed }) => {
      const view = { ...network(total, inSet, down, regions), allowSingleRegionHalt: allowed };
      const names = wanted.map((i) => nameAt(view, i));
      let votes;
      try {
        votes = planVotes(view, change, names);
      } catch (error) {
        expect(error).toBeInstanceOf(VoteRefusedError);
        return;
      }
      let set = [...view.set];
      for (const { address, before, after, voters } of votes) {
        planned += 1;
        const inSync = view.members.filter((one) => one.ready && one.address !== undefined);
        const able = inSync.filter((one) => set.includes(one.address ?? "0x")).map(({ name }) => name);
        expect([before, voters.length]).toEqual([set.length, Math.floor(set.length / 2) + 1]);
        expect(new Set(voters).size).toBe(voters.length);
        expect(able).toEqual(expect.arrayContaining([...voters]));
        set = change === "admit" ? [...set, address] : set.filter((one) => one !== address);
        const working = inSync.filter((one) => one.address !== address && set.includes(one.address ?? "0x")).length;
        expect(after).toBe(set.length);
        expect(working + (change === "admit" ? 1 : 0)).toBeGreaterThanOrEqual(quorum(set.length));
      }
      // Each that was wanted is as wanted.
      const addresses = view.members.filter(({ name }) => names.includes(name)).map((one) => one.address ?? "0x");
      expect(addresses.every((address) => set.includes(address) === (change === "admit"))).toBe(true);
    }),
  );
  expect(planned).toBeGreaterThan(0);
});
