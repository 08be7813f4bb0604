import type { types } from "@pulumi/kubernetes";

import { PROBE_FILE } from "./probe";
import { paths } from "./node-paths";

/**
 * The probes of a container that runs Besu.
 *
 * @param headAgeLimitSeconds that the newest block may be old before the node is not ready
 * @param lagLimitBlocks that the node may be behind the best block it knows of. @default not judged
 */
export function nodeProbes(
  headAgeLimitSeconds: number,
  lagLimitBlocks?: number,
): Pick<types.input.core.v1.Container, "startupProbe" | "readinessProbe" | "livenessProbe"> {
  const ready = [
    "ready",
    String(headAgeLimitSeconds),
    ...(lagLimitBlocks === undefined ? [] : [String(lagLimitBlocks)]),
  ];
  return {
    // Eight nodes starting on two cores took 31 s to answer (measured); a node that replays blocks takes longer.
    startupProbe: { ...probe("alive"), periodSeconds: 5, failureThreshold: 60 },
    readinessProbe: { ...probe(...ready), periodSeconds: 10, failureThreshold: 3 },
    // Not the head's age: a halted chain would have all its nodes killed, again and again.
    livenessProbe: { ...probe("alive"), periodSeconds: 10, failureThreshold: 6 },
  };
}

const probe = (...args: readonly string[]): types.input.core.v1.Probe => ({
  exec: { command: ["bash", `${paths.config}/${PROBE_FILE}`, ...args] },
  timeoutSeconds: 5,
});
