import fc from "fast-check";

import { blockGapSeconds, commitTimes, describeCommitTimes, timingWarnings } from "../../../regions/commit-time";
import { roundTripMs } from "../../../regions/latency";
import { quorum, type RegionShare } from "../../../regions/quorum";
import fleet from "./vectors/fleet-round-trips.json";

const each = (validators: number, regions: readonly string[]) => regions.map((name) => ({ name, validators }));
const placement = fc
  .uniqueArray(fc.constantFrom(...fleet.regions), { minLength: 1, maxLength: 7 })
  .chain((chosen) =>
    fc
      .array(fc.integer({ min: 1, max: 4 }), { minLength: chosen.length, maxLength: chosen.length })
      .map((counts) => chosen.map((name, i): RegionShare => ({ name, validators: counts[i]! }))),
  );

/** The judge: sends every message of every validator, in order of arrival, and keeps each validator's state. */
function simulate(shares: readonly RegionShare[], proposer: string, tooFew = 0): number {
  const nodes = shares.flatMap(({ name, validators }) => Array.from({ length: validators }, () => name));
  const needed = quorum(nodes.length) - tooFew;
  const first = nodes.indexOf(proposer);
  interface Message {
    at: number;
    to: number;
    kind: "proposal" | "prepare" | "commit";
  }
  const queue: Message[] = [];
  const send = (from: number, kind: Message["kind"], at: number) =>
    nodes.forEach((region, to) => queue.push({ at: at + roundTripMs(nodes[from]!, region)! / 2, to, kind }));
  const states = nodes.map(() => ({ proposal: false, prepare: 0, commit: 0, prepared: false, committed: false }));
  let done = 0;
  send(first, "proposal", 0);
  while (queue.length > 0) {
    queue.sort((a, b) => b.at - a.at);
    const { at, to, kind } = queue.pop()!;
    const state = states[to]!;
    if (kind === "proposal") {
      state.proposal = true;
      send(to, "prepare", at);
    } else state[kind] += 1;
    if (!state.prepared && state.proposal && state.prepare >= needed) {
      state.prepared = true;
      send(to, "commit", at);
    }
    if (!state.committed && state.prepared && state.commit >= needed) {
      state.committed = true;
      done += 1;
      if (done === needed) return at;
    }
  }
  return Infinity;
}

const known = (shares: readonly RegionShare[]) => {
  const times = commitTimes(shares);
  if (!times.known) throw new Error("unknown round trips");
  return times;
};

describe("commitTimes", () => {
  it("is 254 to 304 ms for the fleet's 24 regions, with one validator each or two", () => {
    for (const validators of [1, 2]) {
      const { best, worst, byProposer } = known(each(validators, fleet.regions));
      expect([best, worst]).toEqual([
        { region: "uaenorth", commitMs: 253.5 },
        { region: "newzealandnorth", commitMs: 304 },
      ]);
      expect(byProposer.map(({ region }) => region)).toEqual(fleet.regions);
    }
  });

  it("agrees with a simulation of every message", () => {
    fc.assert(
      fc.property(placement, (shares) => {
        for (const { region, commitMs } of known(shares).byProposer) expect(commitMs).toBe(simulate(shares, region));
      }),
      { numRuns: 60 },
    );
  });

  it("would be caught if a commit needed one vote less", () => {
    const shares = each(1, fleet.regions);

    expect(known(shares).worst.commitMs).not.toBe(simulate(shares, "newzealandnorth", 1));
  });

  it("is nothing within one region", () => {
    expect(known(each(4, ["japaneast"])).worst.commitMs).toBe(0);
  });

  it("does not depend on the order of the regions", () => {
    fc.assert(
      fc.property(placement, (shares) => {
        const times = (list: readonly RegionShare[]) =>
          Object.fromEntries(known(list).byProposer.map(({ region, commitMs }) => [region, commitMs]));
        expect(times([...shares].reverse())).toEqual(times(shares));
      }),
    );
  });

  it("is unknown as soon as one round trip is, and names the pair", () => {
    expect(commitTimes(each(2, ["eastus", "japaneast", "westus"]))).toEqual({
      known: false,
      unknownPairs: [["eastus", "westus"]],
    });
  });
});

describe("timingWarnings", () => {
  const times = commitTimes(each(2, fleet.regions));

  it("finds nothing wrong with the defaults for the fleet", () => {
    expect(timingWarnings(times, { blockPeriodSeconds: 2, requestTimeoutSeconds: 4 })).toEqual([]);
  });

  it("warns where little of the period is left, or the timeout lies within it", () => {
    const slow = { ...times, worst: { region: "uksouth", commitMs: 1200 } };

    expect(timingWarnings(slow, { blockPeriodSeconds: 2, requestTimeoutSeconds: 2 })).toEqual([
      "blockPeriodSeconds is 2 and a block that uksouth proposes takes 1200 ms on the network alone: little is left for executing it.",
      "requestTimeoutSeconds is 2, within the period of 2 s: a healthy chain would change rounds.",
      "requestTimeoutSeconds is 2 and a block that uksouth proposes takes 1200 ms on the network alone: a slow block would change rounds.",
    ]);
    expect(timingWarnings(slow, { blockPeriodSeconds: 1, requestTimeoutSeconds: 4 })).toEqual([
      "blockPeriodSeconds is 1 and a block that uksouth proposes takes 1200 ms on the network alone: the period cannot be kept.",
    ]);
  });

  it("says that it cannot tell where a round trip is unknown", () => {
    const unknown = commitTimes(each(2, ["eastus", "westus", "westus2"]));

    expect(timingWarnings(unknown, { blockPeriodSeconds: 2, requestTimeoutSeconds: 4 })).toEqual([
      "No round trip is published between eastus and westus and 2 more pairs: the block period cannot be checked.",
    ]);
  });
});

describe("blockGapSeconds", () => {
  it("doubles the timeout for every dead proposer in a row: 6 s with one was measured", () => {
    const timing = { blockPeriodSeconds: 2, requestTimeoutSeconds: 4 };

    expect([0, 1, 2, 3].map((dead) => blockGapSeconds(timing, dead))).toEqual([2, 6, 14, 30]);
  });
});

describe("describeCommitTimes", () => {
  it("names the best and the worst proposer, or that they are unknown", () => {
    expect(describeCommitTimes(commitTimes(each(2, fleet.regions)))).toEqual([
      "Commit time (network only, P95): 253.5 ms when uaenorth proposes, 304 ms when newzealandnorth does.",
    ]);
    expect(describeCommitTimes(commitTimes(each(2, ["eastus", "westus"])))).toEqual([
      "Commit time: unknown, 1 round trips are not published.",
    ]);
  });
});
