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
