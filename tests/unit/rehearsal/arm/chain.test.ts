import type { Address } from "viem";

import { climbSeconds, roundOf } from "../../../../besu/rounds";
import { SimulatedChain } from "../../../../rehearsal/arm/chain";

const validators = [1, 2, 3, 4, 5].map((digit): Address => `0x${String(digit).repeat(40)}`);
const start = 1_000_000_000_000;
const chain = () => new SimulatedChain({ validators, blockPeriodMs: 2000, requestTimeoutMs: 4000, genesisMs: start });
const at = (seconds: number) => start + seconds * 1000;

describe("the simulated chain", () => {
  it("makes a block each period while all are up, by each in turn", () => {
    const sut = chain();

    expect([sut.head(at(0)).number, sut.head(at(1.9)).number, sut.head(at(20)).number]).toEqual([0, 0, 10]);
    const proposers = [1, 2, 3, 4, 5].map((n) => sut.at(n, at(20))?.proposer);
    expect(new Set(proposers).size).toBe(5);
  });

  it("loses a timeout, and a round, with each turn of the one that is down", () => {
    const sut = chain();
    sut.set(validators[0]!, Infinity, at(20));
    const { number } = sut.head(at(20 + 14)); // four periods, and one timeout of 4 s and its period

    expect(number).toBe(10 + 5);
    const rounds = [11, 12, 13, 14, 15].map((n) => roundOf(sut.at(n, at(40))!.extraData));
    expect(rounds.sort()).toEqual([0, 0, 0, 0, 1]);
  });

  it("halts under the quorum, and after it returns climbs as long as it stood", () => {
    const sut = chain();
    for (const one of validators.slice(0, 2)) sut.set(one, Infinity, at(20));

    expect(sut.head(at(90)).number).toBe(10);
    sut.set(validators[0]!, at(90), at(90));
    const first = 90 + climbSeconds(70, 4);
    expect(sut.head(at(first - 1)).number).toBe(10);
    expect(sut.head(at(first)).number).toBe(11);
  });

  it("goes on within a timeout when all are restarted together", () => {
    const sut = chain();
    for (const one of validators.slice(0, 2)) sut.set(one, Infinity, at(20));
    for (const one of validators) sut.set(one, at(100), at(90));

    expect(sut.head(at(99)).number).toBe(10);
    expect(sut.head(at(104)).number).toBe(11);
  });
});
