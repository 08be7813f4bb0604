import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { MeridianError } from "../errors";
import type { BesuImage } from "../toolchain/local-besu";
import { explainFailure, run } from "../toolchain/run";
import { containerName, dockerRunArguments } from "./docker-run";
import type { LocalNode } from "./local-plan";

/** Asking an engine that has much to do. */
const ANSWER_TIMEOUT_MS = 60_000;
/** A few hundred megabytes over a slow line. */
const PULL_TIMEOUT_MS = 30 * 60_000;

/** Docker cannot do what a local network needs of it. */
export class LocalContainerError extends MeridianError {
  override readonly name = "LocalContainerError";
}

/** There from before a node's container is started until it is known to be gone: holds the path of docker. */
const recordFile = ({ folder }: LocalNode): string => join(folder, "container");

/** Pulls the image unless the engine has it. @throws LocalContainerError when that fails */
export async function ensureImage(
  { docker, image }: BesuImage,
  { signal, onStep }: { readonly signal?: AbortSignal; readonly onStep?: (step: string) => void },
): Promise<void> {
  const options = signal === undefined ? {} : { signal };
  const inspect = ["image", "inspect", "--format={{.Id}}", image];
  if ((await run(docker, inspect, { ...options, timeoutMs: ANSWER_TIMEOUT_MS })).code === 0) return;
  onStep?.(`pulling ${image}`);
  const pulled = await run(docker, ["pull", "--quiet", image], { ...options, timeoutMs: PULL_TIMEOUT_MS });
  if (pulled.code === 0) return;
  throw new LocalContainerError(`The image ${image} cannot be pulled: ${explainFailure(pulled)}`, {
    hint: `See to it that this works: docker pull ${image}`,
  });
}

/** The command that runs a node in a container, in the foreground; notes down that there may be one from now on. */
export function containerCommand(node: LocalNode, { docker, image }: BesuImage): { path: string; args: string[] } {
  writeFileSync(recordFile(node), docker, { mode: 0o600 });
  const user = process.getuid && process.getgid ? `${process.getuid()}:${process.getgid()}` : undefined;
  return { path: docker, args: dockerRunArguments(node, image, user) };
}

/**
 * Ends and removes what is left of a node's container. As a rule nothing is, for `docker run --rm` tidies up; but a
 * client that was killed leaves its container running. Does nothing for a node that runs in none.
 *
 * @throws LocalContainerError when the engine does not say that it is gone
 */
export async function removeContainer(node: LocalNode): Promise<void> {
  const file = recordFile(node);
  if (!existsSync(file)) return;
  const docker = readFileSync(file, "utf8");
  const name = containerName(node);
  // Torn by a crash: the container was not started yet.
  if (docker !== "") {
    const removed = await run(docker, ["rm", "--force", name], { timeoutMs: ANSWER_TIMEOUT_MS });
    // Depending on its version docker takes a container that is not there for a failure.
    if (removed.code !== 0 && !/No such container|already in progress/.test(removed.stderr)) {
      throw new LocalContainerError(`The container ${name} may still run: ${explainFailure(removed)}`, {
        hint: `Start the Docker engine and try again. If it is there no more, remove ${file} first.`,
        exitCode: 1,
      });
    }
  }
  rmSync(file, { force: true });
}
