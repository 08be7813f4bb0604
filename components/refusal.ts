import * as pulumi from "@pulumi/pulumi";

/**
 * An error to be thrown inside `apply`, that its user sees as the one sentence that it is.
 *
 * Every resource that waits for the output gets this same error, and the SDK writes the names of their properties in front
 * of its message, and prints the stack (pulumi/pulumi, sdk/nodejs/runtime/rpc.ts, serializeFilteredProperties). Neither
 * would tell the user anything, so neither can be changed here.
 */
export function refusal(message: string): pulumi.RunError {
  const error = new pulumi.RunError(message);
  const fixed = { get: () => message, set: () => undefined, configurable: true };
  return Object.defineProperties(error, { message: fixed, stack: fixed });
}
