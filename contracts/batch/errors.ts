import { MeridianError } from "../../errors";

/** What was asked for cannot be understood; nothing was called. Exit code 2. */
export class BatchInputError extends MeridianError {
  override readonly name: string = "BatchInputError";

  constructor(problem: string, remedy: string, options: { readonly cause?: unknown } = {}) {
    super(problem, { hint: remedy, exitCode: 2, cause: options.cause });
  }
}

/** The node cannot be reached, or does not speak JSON-RPC. Exit code 2. */
export class NoConnectionError extends MeridianError {
  override readonly name: string = "NoConnectionError";

  /** @param url shown without its path, which may hold a provider's key */
  constructor(url: string, reason: string) {
    super(`The node at ${originOf(url)} does not answer (${reason}).`, {
      hint: "Check --rpc and whether the node runs.",
    });
  }
}

function originOf(url: string): string {
  try {
    return new URL(url).origin;
  } catch {
    return "that address";
  }
}
