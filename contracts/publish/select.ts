import { suggest } from "../../regions/suggest";
import type { PlannedContract } from "../plan";
import type { Suite } from "../suites/format";
import { PublishInputError } from "./errors";

type Named = Pick<PlannedContract, "name" | "contract" | "chain">;

const slugOf = ({ name, chain }: Named): string => name.slice(chain.length + 1);

/**
 * The contracts that names mean, in the plan's order: `WETH9` and `weth9` on every chain that has it,
 * `chain138-weth9` on one. No names mean all. Pure.
 *
 * @throws {PublishInputError} that suggests the nearest name
 */
export function selectContracts<Contract extends Named>(
  plan: readonly Contract[],
  names: readonly string[],
  suite: Pick<Suite, "contracts">,
): readonly Contract[] {
  if (names.length === 0) return plan;
  const wordsOf = (contract: Contract): string[] => [contract.contract, slugOf(contract), contract.name];
  for (const name of names) {
    if (!plan.some((contract) => wordsOf(contract).includes(name)))
      throw unknown(name, plan, plan.flatMap(wordsOf), suite);
  }
  return plan.filter((contract) => wordsOf(contract).some((word) => names.includes(word)));
}

function unknown(
  name: string,
  plan: readonly Named[],
  words: readonly string[],
  { contracts }: Pick<Suite, "contracts">,
): PublishInputError {
  const chains = [...new Set(plan.map(({ chain }) => chain))].join(" or ");
  if (contracts.some((contract) => [contract.name, contract.slug].includes(name))) {
    return new PublishInputError(`${name} is not deployed to ${chains}.`, "Name another chain, or leave it out.");
  }
  const near = suggest(name, words);
  const known = [...new Set(plan.map(({ contract }) => contract))].join(", ");
  const hint = near === undefined ? "" : `Did you mean ${near}? `;
  return new PublishInputError(`There is no contract "${name}".`, `${hint}Give one of ${known}.`);
}
