import { connect } from "../../../contracts/client";
import { compileContracts } from "../../../contracts/compile";
import { deploy, type DeployRequest, type DeployResult } from "../../../contracts/deploy/deploy";
import { deployChain, type ChainResult } from "../../../contracts/deploy/deploy-chain";
import { Journal } from "../../../contracts/deploy/journal";
import { planChain, type PlannedContract } from "../../../contracts/plan";
import type { Chain } from "../../../rehearsal/chains";
import { deployer, owner } from "./chains";

/** The suite's plan of a chain, as the tests deploy it. */
export const planOf = (chain: string): PlannedContract[] =>
  planChain(
    chain,
    { owner },
    "test",
    compileContracts(() => undefined),
  );

/** What a test may say of a deployment; the rest is as the programs do it. */
export type Given = Partial<Pick<DeployRequest, "policy" | "account" | "mode" | "timeoutMs">> & {
  readonly chain: Pick<Chain, "name" | "rpcUrl">;
  readonly journal: string;
  /** Lines of progress go here. */
  readonly said?: string[];
};

/** Deploys a contract in this process: cheaper than a program of its own, which the kill tests need. */
export function deployHere(contract: string, given: Given): Promise<DeployResult> {
  const { chain, journal, said = [], ...more } = given;
  const graph = planOf(chain.name);
  const planned = graph.find((each) => each.contract === contract)!;
  return deploy({
    client: connect(chain.rpcUrl),
    planned,
    graph,
    journal: new Journal(journal, chain.name),
    account: () => Promise.resolve(deployer),
    timeoutMs: 60_000,
    progress: (line) => void said.push(line),
    ...more,
  });
}

/** Deploys the whole suite of a chain as one, under one lock. */
export function deployChainHere({ chain, journal, said = [], ...more }: Given): Promise<ChainResult> {
  return deployChain({
    chain: chain.name,
    client: connect(chain.rpcUrl),
    contracts: planOf(chain.name),
    calls: [],
    journal: new Journal(journal, chain.name),
    account: () => Promise.resolve(deployer),
    timeoutMs: 60_000,
    progress: (line) => void said.push(line),
    ...more,
  });
}

/** Deploys the contracts of a chain at once, each by itself, in this process; or those that `only` takes. */
export const deployAllHere = ({
  only = () => true,
  ...given
}: Given & { readonly only?: (planned: PlannedContract) => boolean }): Promise<DeployResult[]> =>
  Promise.all(
    planOf(given.chain.name)
      .filter(only)
      .map(({ contract }) => deployHere(contract, given)),
  );
