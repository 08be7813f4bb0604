import { encodeFunctionData } from "viem/utils";

import type { BlockInput } from "../block";
import type { Hex } from "../state/hex";
import { type Random, randomOf, zipf } from "./random";
import { sign } from "./sign";
import { environmentAt, otherChain, type World } from "./world";

/** One transaction, before it has a nonce and a signature. */
interface Deed {
  readonly user: number;
  readonly to: Hex;
  readonly value?: bigint;
  readonly data?: Hex;
  readonly gas: bigint;
}

/** Draws the `n`th transaction of a block. */
type Draw = (world: World, n: number, random: Random, count: number) => Deed;

export interface Workload {
  readonly name: string;
  /** What its transactions do, in a few words. */
  readonly title: string;
  readonly draw: Draw;
}

const deed = (
  world: World,
  user: number,
  contract: string,
  functionName: string,
  args: readonly unknown[],
  gas: bigint,
): Deed => {
  const placed = world.contracts[contract];
  if (placed === undefined) throw new Error(`no contract ${contract}`);
  return { user, to: placed.address, gas, data: encodeFunctionData({ abi: placed.abi, functionName, args }) };
};
const userOf = (world: World, n: number): number => n % world.users.length;
const addressAt = (world: World, n: number): Hex => world.users[n % world.users.length]?.address ?? "0x";
const word = (random: Random): Hex =>
  `0x${random
    .below(2 ** 32)
    .toString(16)
    .padStart(64, "0")}`;

const ROUNDS = 20n;
const act = (world: World, user: number, actor: number, random: Random): Deed =>
  deed(world, user, "actor", "act", [BigInt(actor), word(random), ROUNDS], 200_000n);

/** Everybody pays somebody who pays nobody in this block. */
const transfers: Draw = (world, n, random, count) => ({
  ...{ user: userOf(world, n), value: BigInt(1 + random.below(1000)), gas: 21_000n },
  to: addressAt(world, count + random.below(Math.max(1, world.users.length - count))),
});

const receivers = zipf(1000);
const tokens: Draw = (world, n, random) => {
  const receiver: Hex = `0x${(0xf00000 + receivers(random)).toString(16).padStart(40, "0")}`;
  return deed(world, userOf(world, n), "token", "transfer", [receiver, BigInt(1 + random.below(1000))], 100_000n);
};

const wraps: Draw = (world, n, random) => {
  const amount = BigInt(1 + random.below(1000));
  if (random.below(2) === 0) return deed(world, userOf(world, n), "weth", "withdraw", [amount], 100_000n);
  return { ...deed(world, userOf(world, n), "weth", "deposit", [], 100_000n), value: amount };
};

const bridge: Draw = (world, n, random) =>
  deed(
    world,
    userOf(world, n),
    "bridge",
    "bridge",
    [otherChain, addressAt(world, n), BigInt(1 + random.below(1000))],
    400_000n,
  );

/** Every twentieth transaction is a report, by the one reporter; the others read the price. */
const oracle: Draw = (world, n, random) =>
  deed(
    world,
    n % 20 === 0 ? 0 : userOf(world, n),
    "position",
    "open",
    [world.contracts.oracle?.address, BigInt(1 + random.below(1000))],
    150_000n,
  );

const swaps =
  (pools: number): Draw =>
  (world, n, random) => {
    const order = [world.pools[random.below(pools)], random.below(2) === 0, BigInt(1 + random.below(1_000_000))];
    return deed(world, userOf(world, n), "exchange", "swap", order, 250_000n);
  };

const mint: Draw = (world, n) => deed(world, userOf(world, n), "collectible", "mint", [], 150_000n);

/**
 * Shares of a public chain's transactions. Our assumption, not a measurement: what is known is that transfers and
 * tokens make most, and that few contracts get much of the rest.
 */
const shares: readonly (readonly [share: number, draw: Draw])[] = [
  [0.35, transfers],
  [0.35, tokens],
  [0.15, swaps(10)],
  [0.05, wraps],
  [0.05, oracle],
  [0.05, mint],
];
const mix: Draw = (world, n, random, count) => {
  let drawn = random.fraction();
  const found = shares.find(([share]) => (drawn -= share) < 0);
  return (found?.[1] ?? transfers)(world, n, random, count);
};

/** The given share of calls goes to one actor, every other to an actor of its own. */
export const contention = (percent: number): Workload => ({
  name: `contention-${percent}`,
  title: `actors, ${percent}% of calls to the same one`,
  draw: (world, n, random) => act(world, userOf(world, n), random.fraction() * 100 < percent ? 0 : n + 1, random),
});

export const workloads: readonly Workload[] = [
  {
    name: "actors",
    title: "a hash over an actor's calls, each to its own actor",
    draw: (world, n, random) => act(world, userOf(world, n), n + 1, random),
  },
  { name: "transfers", title: "plain transfers", draw: transfers },
  { name: "tokens", title: "ERC-20 transfers, receivers by Zipf", draw: tokens },
  { name: "wraps", title: "WETH9: wrap and unwrap", draw: wraps },
  { name: "bridge", title: "messages through the suite's bridge and router", draw: bridge },
  { name: "oracle", title: "price reports, and readers", draw: oracle },
  { name: "swaps-1", title: "swaps, one pool", draw: swaps(1) },
  { name: "swaps-10", title: "swaps, 10 pools", draw: swaps(10) },
  { name: "swaps-100", title: "swaps, 100 pools", draw: swaps(100) },
  { name: "mint", title: "an NFT mint: one counter", draw: mint },
  { name: "mix", title: "a mix of these, like a public chain's", draw: mix },
];

/** Blocks of a workload, one after the other, the same for the same seed. */
export class Blocks {
  private readonly nonces: bigint[] = [];
  private readonly random: Random;
  private round = 0n;
  private number = 1;

  constructor(
    private readonly world: World,
    private readonly workload: Workload,
    private readonly count: number,
    seed: number,
  ) {
    this.random = randomOf(seed);
  }

  next(): BlockInput {
    const { world, random, count } = this;
    const deeds = Array.from({ length: count }, (_, n) =>
      this.reportOr(n, this.workload.draw(world, n, random, count)),
    );
    const transactions = deeds.map(({ user, to, value, data, gas }) => {
      const nonce = this.nonces[user] ?? 0n;
      this.nonces[user] = nonce + 1n;
      const key = world.users[user]?.key ?? new Uint8Array();
      return sign({ nonce, gasPrice: 1n, gasLimit: gas, to, value, data }, key, 138n);
    });
    return { environment: environmentAt(++this.number), transactions };
  }

  /** Reports carry the number of their round, which grows over blocks. */
  private reportOr(n: number, drawn: Deed): Deed {
    if (this.workload.name !== "oracle" || n % 20 !== 0) return drawn;
    return deed(this.world, 0, "oracle", "submit", [++this.round, BigInt(2000 + this.random.below(100))], 150_000n);
  }
}
