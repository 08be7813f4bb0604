import type { Address } from "viem";

import { addressOf, type BlockAccess, type Place, type TransactionAccess } from "./access";
import { componentSizes, CORES, criticalPath, speedUpBound } from "./bound";
import { dependenciesOf } from "./graph";
import { type HotSpot, hotAccounts, hotPlaces, type Weighed } from "./hot";
import { accountName, knownName, type KnownContracts, placeName } from "./names";

/** Bounds by number of cores, as JSON has its keys: `{"2": 1.9, …}`. */
export type Bounds = Readonly<Record<number, number>>;

/** One block's figures. */
export interface BlockAnalysis {
  readonly number: number;
  readonly hash: string;
  readonly transactions: number;
  readonly gas: number;
  /** Groups of transactions that have nothing to do with each other. */
  readonly components: number;
  /** Transactions of the largest. */
  readonly largestComponent: number;
  readonly criticalPathGas: number;
  /** Hashes of its transactions, in the order of the block. */
  readonly criticalPath: readonly string[];
  readonly dependencies: number;
  readonly bounds: Bounds;
}

export interface HotPlace extends Omit<HotSpot<Place>, "key"> {
  readonly place: Place;
  /** For people. */
  readonly name: string;
  /** The contract's name in the suite; null where it has none. */
  readonly contract: string | null;
}

export interface HotAccount extends Omit<HotSpot<string>, "key"> {
  readonly address: Address;
  readonly name: string;
  readonly contract: string | null;
}

/** What `--json` prints; docs/schemas/execution-analysis.schema.json. */
export interface Analysis {
  readonly schemaVersion: 1;
  readonly chainId: number;
  /** The node's method that the access sets are from. */
  readonly method: string;
  readonly cores: readonly number[];
  readonly blocks: readonly BlockAnalysis[];
  readonly total: {
    readonly blocks: number;
    readonly transactions: number;
    readonly gas: number;
    readonly components: number;
    readonly criticalPathGas: number;
    readonly bounds: Bounds;
  };
  /** What saves most first. */
  readonly hotPlaces: readonly HotPlace[];
  readonly hotAccounts: readonly HotAccount[];
  /** What the figures assume. */
  readonly caveats: readonly string[];
}

export interface AnalysisOptions {
  readonly chainId: number;
  readonly method: string;
  /** @default 2, 4, 8, 16, 32 */
  readonly cores?: readonly number[];
  /** @default none */
  readonly known?: KnownContracts;
  /** Places and accounts told, at most. @default 10 */
  readonly top?: number;
}

/**
 * How much parallel execution could give, and what stands in its way.
 *
 * @param accesses of blocks in any order; they are taken one after the other, as a chain executes them
 */
export function analyse(accesses: readonly BlockAccess[], options: AnalysisOptions): Analysis {
  const { chainId, method, cores = CORES, known = new Map(), top = 10 } = options;
  const ordered = [...accesses].sort((a, b) => a.number - b.number);
  const weighed = ordered.map(({ transactions }) => weigh(transactions));
  const boundsOf = (blocks: readonly Weighed[]): Bounds =>
    Object.fromEntries(cores.map((count) => [count, speedUpBound(blocks, count)]));
  const blocks = ordered.map((access, i): BlockAnalysis => {
    const block = weighed[i] ?? weigh([]);
    const sizes = componentSizes(block.graph);
    const path = criticalPath(block.gasOf, block.graph);
    return {
      ...{ number: access.number, hash: access.hash, transactions: access.transactions.length, gas: block.gas },
      ...{ components: sizes.length, largestComponent: sizes[0] ?? 0, criticalPathGas: path.gas },
      criticalPath: path.transactions.flatMap((index) => access.transactions[index]?.hash ?? []),
      dependencies: sum(block.graph.map((needed) => new Set(needed.map(({ on }) => on)).size)),
      bounds: boundsOf([block]),
    };
  });
  const all = ordered.flatMap(({ transactions }) => transactions);
  return {
    ...{ schemaVersion: 1, chainId, method, cores, blocks },
    total: {
      blocks: blocks.length,
      transactions: all.length,
      gas: sum(weighed.map(({ gas }) => gas)),
      components: sum(blocks.map(({ components }) => components)),
      criticalPathGas: sum(weighed.map(({ criticalPathGas }) => criticalPathGas)),
      bounds: boundsOf(weighed),
    },
    hotPlaces: hotPlaces(weighed, cores)
      .slice(0, top)
      .map(({ key, ...spot }) => ({
        place: key,
        name: placeName(key, known, touching(all, key)),
        contract: knownName(addressOf(key), known),
        ...spot,
      })),
    hotAccounts: hotAccounts(weighed, cores)
      .slice(0, top)
      .map(({ key, ...spot }) => ({
        address: key as Address,
        name: accountName(key, known),
        contract: knownName(key as Address, known),
        ...spot,
      })),
    caveats: [...new Set(ordered.flatMap(({ number, caveats }) => caveats.map((text) => `block ${number}: ${text}`)))],
  };
}

/** A block's graph and weights. */
export function weigh(transactions: readonly TransactionAccess[]): Weighed {
  const gasOf = transactions.map(({ gas }) => gas);
  const graph = dependenciesOf(transactions);
  return { gasOf, graph, gas: sum(gasOf), criticalPathGas: criticalPath(gasOf, graph).gas };
}

const touching = (all: readonly TransactionAccess[], place: Place): TransactionAccess[] =>
  all.filter(({ reads, writes }) => reads.has(place) || writes.has(place));

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
