import { join } from "node:path";
import type { Address, Hex } from "viem";
import { privateKeyToAccount } from "viem/accounts";

import { compileContracts } from "../../contracts/compile";
import { planChain, type PlannedContract } from "../../contracts/plan";
import { loadSuite } from "../../contracts/suites/load";
import { mainnetStandIn, startChain, type Chain } from "../../rehearsal/chains";

/** anvil's second well-known development key: no secret. */
export const deployerKey: Hex = "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d";
export const owner: Address = privateKeyToAccount(deployerKey).address;

/** Seconds from block to block. */
export const BLOCK_SECONDS = 2;

/** A chain with what is deployed to it. */
export interface BenchChain {
  readonly chain: Chain;
  readonly chainId: number;
  readonly plan: readonly PlannedContract[];
  /** Contract of bench/peers/script that deploys the same by forge. */
  readonly script: string;
}

/** What every tool deploys. */
export interface BenchCase {
  readonly name: string;
  readonly settings: { readonly suite?: string; readonly batches?: boolean };
  readonly chains: readonly BenchChain[];
}

/** Chains of the cases, with blocks at intervals and a deployer who can pay. */
export const startChains = (): Promise<{ readonly chain: Chain; readonly chainId: number }[]> =>
  Promise.all(
    Object.entries({ bench: 31337, chain138: 138, chain1: 1 }).map(async ([name, chainId]) => {
      const genesis = { ...mainnetStandIn([owner]), config: { chainId } };
      return { chainId, chain: await startChain({ name, genesis, blockTimeSeconds: BLOCK_SECONDS }) };
    }),
  );

/** The cases: each on its chains, planned as Meridian plans it. */
export function benchCases(chains: readonly { readonly chain: Chain; readonly chainId: number }[]): BenchCase[] {
  const on = (name: string, script: string, path?: string): BenchChain => {
    const found = chains.find(({ chain }) => chain.name === name);
    if (found === undefined) throw new Error(`there is no chain ${name}`);
    const suite = loadSuite(path);
    const build = compileContracts(undefined, suite);
    return { ...found, script, plan: planChain(name, { owner }, "bench", build, suite) };
  };
  const ten = (name: string, file: string, script: string): BenchCase => {
    const suite = join("bench", "peers", file);
    return { name, settings: { suite }, chains: [on("bench", script, suite)] };
  };
  const [suite138, suite1] = [on("chain138", "Suite138"), on("chain1", "Suite1")];
  return [
    ten("ten independent", "independent.yaml", "Independent"),
    ten("chain of ten", "chain.yaml", "Chain"),
    { name: "suite on chain138", settings: { batches: true }, chains: [suite138] },
    { name: "suite on chain1", settings: { batches: true }, chains: [suite1] },
    { name: "suite on both", settings: { batches: true }, chains: [suite138, suite1] },
  ];
}
