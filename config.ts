import * as pulumi from "@pulumi/pulumi";
import { allConfig } from "@pulumi/pulumi/runtime";

import { MeridianError } from "./errors";
import { type Fleet, parseFleet, readSettings } from "./fleet";
import { commitTimes, describeCommitTimes, timingWarnings } from "./regions/commit-time";
import { azureName, azureNameKinds, rpcLabel } from "./regions/naming";
import { describeBudget, quorumBudget } from "./regions/quorum";

/**
 * Reads and validates the stack's configuration.
 *
 * @throws {pulumi.RunError} with one message naming key, value and what is allowed: the engine prints it without a
 * stack trace, and as nothing is registered before, nothing is created.
 */
export function readFleet(): Fleet {
  try {
    const fleet = parseFleet(readSettings(allConfig()));
    checkNames(pulumi.getStack(), fleet);
    return fleet;
  } catch (error) {
    throw error instanceof MeridianError ? new pulumi.RunError(error.message) : error;
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
export function announceBudget({ regions, chain }: Fleet): void {
  const times = commitTimes(regions);
  const lines = [...describeBudget(quorumBudget(regions)), ...describeCommitTimes(times)];
  const timing = timingWarnings(times, chain);
  const warnings = lines.filter((line) => line.startsWith(WARNING)).map((line) => line.slice(WARNING.length));
  void pulumi.log.info(lines.filter((line) => !line.startsWith(WARNING)).join("\n"));
  for (const warning of [...warnings, ...timing]) void pulumi.log.warn(capitalised(warning));
}

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
