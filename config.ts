import * as pulumi from "@pulumi/pulumi";
import { allConfig } from "@pulumi/pulumi/runtime";

import { type ContractsArgs, planOf } from "./components/contracts";
import { addressOption, rpcUrlVariable } from "./contracts/options";
import { askChains } from "./contracts/outlook/ask";
import { chainNamed, loadSuite } from "./contracts/suites/load";
import { MeridianError } from "./errors";
import { parallelWarning } from "./besu/node-options";
import { contractChains, type Fleet, parseFleet, readSettings } from "./fleet";
import { rpcOf } from "./fleet-rpc";
import { commitTimes, describeCommitTimes, timingWarnings } from "./regions/commit-time";
import { azureName, azureNameKinds, rpcLabel } from "./regions/naming";
import { coresPerValidator } from "./regions/vm-size";
import { describeBudget, quorumBudget } from "./regions/quorum";
import { type StackScope, stackScope } from "./regions/scope";

/**
 * Reads and validates the stack's configuration.
 *
 * @throws {pulumi.RunError} with one message naming key, value and what is allowed: the engine prints it without a
 * stack trace, and as nothing is registered before, nothing is created.
 */
export function readFleet(): Fleet {
  try {
    const fleet = parseFleet(readSettings(allConfig()));
    checkNames(stackScope(pulumi.getStack(), fleet.scope, namesOf(fleet)).network, fleet);
    return fleet;
  } catch (error) {
    throw shown(error);
  }
}

/** What of the network this stack holds. */
export const readScope = (fleet: Fleet): StackScope => stackScope(pulumi.getStack(), fleet.scope, namesOf(fleet));

const namesOf = ({ regions }: Fleet): string[] => regions.map(({ name }) => name);

/** The engine prints a RunError as its message, without a stack. */
const shown = (error: unknown): unknown =>
  error instanceof MeridianError ? new pulumi.RunError([error.message, error.hint].filter(Boolean).join(" ")) : error;

/**
 * Plans the contracts of every chain, so that a mistake in the suite stops everything, and asks the chains that can be
 * reached what is there of them.
 *
 * @throws {pulumi.RunError} naming file, contract and field
 */
export function readContracts(fleet: Fleet): ContractsArgs[] {
  try {
    const { suite: path, salt, owner, signers, threshold } = fleet.contracts;
    const suite = loadSuite(path);
    for (const chain of Object.keys(fleet.contracts.publish ?? {}))
      chainNamed(chain, suite, "A chain of meridian:contracts.publish");
    const chains = contractChains(fleet).map((args) => {
      chainNamed(args.chain, suite, "A chain of meridian:contracts.chains");
      const rpcUrl = args.rpcUrl ?? suite.chains[args.chain]?.rpcUrl;
      planOf(args);
      return rpcUrl === undefined ? args : { ...args, rpcUrl };
    });
    const outlooks = askChains({
      suite: path,
      salt,
      settings: {
        owner: addressOption(owner, "owner"),
        signers: signers?.map((signer) => addressOption(signer, "signers")),
        threshold,
      },
      chains: chains.flatMap(({ chain, rpcUrl }) => {
        const url = rpcUrl ?? process.env[rpcUrlVariable(chain)];
        return url === undefined || url === "" ? [] : [{ chain, rpcUrl: url }];
      }),
    });
    return chains.map((args) => ({ ...args, outlook: outlooks.get(args.chain) }));
  } catch (error) {
    throw shown(error);
  }
}

function checkNames(stack: string, fleet: Fleet): void {
  for (const { name } of fleet.regions) azureNameKinds.forEach((kind) => azureName(kind, stack, name));
  if (fleet.rpc.exposure === "public") rpcLabel(stack);
  if (fleet.rpc.entry === "frontDoor") rpcLabel(stack, "frontDoorEndpoint");
}

const WARNING = "Warning: ";

/**
 * Prints what the placement of the validators survives and how long the network takes to commit a block, and warns of
 * each single failure that halts the chain, and of a timing that does not fit.
 */
export function announceBudget(fleet: Fleet): void {
  const { regions, chain } = fleet;
  const times = commitTimes(regions);
  const lines = [...describeBudget(quorumBudget(regions)), ...describeCommitTimes(times)];
  const timing = timingWarnings(times, chain);
  const warnings = lines.filter((line) => line.startsWith(WARNING)).map((line) => line.slice(WARNING.length));
  void pulumi.log.info(lines.filter((line) => !line.startsWith(WARNING)).join("\n"));
  for (const warning of [...warnings, ...timing, ...parallelWarnings(fleet)])
    void pulumi.log.warn(capitalised(warning));
}

/** Parallel execution that was asked for where it costs. */
function parallelWarnings({ regions, chain, cluster, rpc }: Fleet): string[] {
  const cores = regions.flatMap(({ validators }) => coresPerValidator(cluster, validators) ?? []);
  const fewest = cores.length === 0 ? undefined : Math.min(...cores);
  const asked = [parallelWarning("meridian:chain.parallelExecution", { ...chain, cores: fewest })];
  for (const { name } of regions) {
    const own = rpcOf({ rpc, regions }, name);
    if (own !== undefined) asked.push(parallelWarning(`meridian:rpc.parallelExecution in ${name}`, own));
  }
  return asked.filter((warning) => warning !== undefined);
}

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
