import { BESU_IMAGE } from "../besu/image";
import { besuAttempts, installBesu } from "./besu";
import { dockerOnPath } from "./docker";
import { thisHost, type Host } from "./host";
import type { Progress } from "./progress";
import { firstFound, type Attempt, type Tool } from "./tool";

/** Besu's container image, and the program that asks the engine to run it. */
export interface BesuImage {
  /** Absolute path of docker. */
  readonly docker: string;
  readonly image: string;
}

/** What a local node is run with: a program of this machine, or a container. */
export type LocalBesu = Pick<Tool, "path"> | BesuImage;

/**
 * Besu for a local network: in BESU_HOME, else on PATH, else in a container where there is a Docker engine.
 *
 * @param progress hears why BESU_HOME or a besu on PATH was passed over
 * @throws ToolMissingError saying where it was looked for and how to get it
 */
export function findLocalBesu(host: Host = thisHost(), progress?: Progress): Promise<LocalBesu> {
  const docker = dockerOnPath(host);
  const container: Attempt<LocalBesu> = {
    ...docker,
    get: async () => {
      const outcome = await docker.get();
      return "found" in outcome ? { found: { docker: outcome.found.path, image: BESU_IMAGE } } : outcome;
    },
  };
  const install = `${installBesu}\n  - start a Docker engine, which runs ${BESU_IMAGE}`;
  return firstFound<LocalBesu>("besu", [...besuAttempts(host), container], install, progress);
}
