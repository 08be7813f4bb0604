import type { Fleet } from "../fleet";
import { quorum } from "../regions/quorum";
import type { Cloud } from "./azure/cloud";
import type { Wait } from "./clock/virtual-clock";
import type { NamedWait } from "./forecast/graph";
import type { RunResult } from "./rehearsal";
import { nameOf } from "./report/format";

/** Time after which `contracts/wait` gives up, in milliseconds. */
const readyTimeoutMs = 7_200_000;

/** The command that waits until chain 138 makes blocks. */
const waitingCommand = "chain138-ready";

/**
 * The local chain 138 makes blocks from the start; the network's own makes them when a quorum of its validators runs. So
 * the command that waits for blocks waits, on the virtual clock, for that.
 */
export const waitForQuorum =
  (fleet: Fleet) =>
  (urn: string, cloud: Cloud): Wait | undefined => {
    if (nameOf(urn) !== waitingCommand) return undefined;
    const validators = fleet.regions.reduce((sum, region) => sum + region.validators, 0);
    const needed = quorum(validators);
    const running = (): number =>
      cloud
        .below("kubernetes://")
        .filter(
          ({ type, id, state }) => type.endsWith(":StatefulSet") && id.includes("validator") && state === "Succeeded",
        ).length;
    return {
      ready: () => running() >= needed,
      timeoutMs: readyTimeoutMs,
      expired: () =>
        new Error(
          `no blocks within ${readyTimeoutMs / 1000} s: ${running()} of ${validators} validators run, ${needed} are needed. ` +
            `This command holds a slot while it waits: --parallel must leave room for the validators.`,
        ),
    };
  };

/** `chain138-ready` waits until a quorum of the validators runs (rehearse.ts). */
export const quorumWait = (fleet: Fleet, { trace }: RunResult): NamedWait[] => {
  const validators = trace
    .map(({ urn }) => urn)
    .filter((urn) => /\$meridian:besu:Validator\$.*:StatefulSet::/.test(urn));
  const needed = quorum(fleet.regions.reduce((sum, region) => sum + region.validators, 0));
  return trace
    .filter(({ urn }) => nameOf(urn) === waitingCommand)
    .map(({ urn }) => ({ urn, for: validators, needed, timeoutMs: readyTimeoutMs }));
};
