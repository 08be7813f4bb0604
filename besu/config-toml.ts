import type { NodeOptions } from "./node-options";
import { requireCleanOptions } from "./options-lint";

/**
 * Renders options as the TOML that `besu --config-file` reads; keys in the order given.
 *
 * @throws {InvalidNodeOptionsError} for options that the lint refuses: no node gets a file with one.
 */
export function renderToml(options: NodeOptions): string {
  requireCleanOptions({ ...options });
  return (
    Object.entries(options)
      // A JSON string, number, boolean or array of strings is written the same way in TOML 1.0.
      .map(([name, value]) => `${name}=${JSON.stringify(value)}\n`)
      .join("")
  );
}

/**
 * The host allow-list of a node in a pod, with the pod's own address, by which its metrics are read: without it Besu
 * answers the collector of metrics with 403 (measured, Besu 26.4.0).
 *
 * @returns an argument in which Kubernetes puts the address in the place of `$(POD_IP)`
 */
export const podHosts = (options: Pick<NodeOptions, "host-allowlist">): string =>
  `--host-allowlist=${[...options["host-allowlist"], "$(POD_IP)"].join(",")}`;

/**
 * The arguments with which Besu reads a `config.toml`, and the interfaces of its ports once more.
 *
 * Besu's image sets BESU_RPC_HTTP_HOST and BESU_RPC_WS_HOST to 0.0.0.0, and Besu lets the environment go before the file
 * and the command line before both: in the file alone a private port would be open to all (besu, docker/Dockerfile and
 * ConfigDefaultValueProviderStrategy).
 *
 * @param file path of the `config.toml`
 */
export const besuArguments = (file: string, options: Pick<NodeOptions, "rpc-http-host" | "rpc-ws-host">): string[] => [
  `--config-file=${file}`,
  `--rpc-http-host=${options["rpc-http-host"]}`,
  ...(options["rpc-ws-host"] === undefined ? [] : [`--rpc-ws-host=${options["rpc-ws-host"]}`]),
];
