import { MeridianError } from "../../errors";

/** What was asked for cannot be understood; nothing was compared and nothing sent. Exit code 2. */
export class PublishInputError extends MeridianError {
  override readonly name: string = "PublishInputError";

  constructor(problem: string, remedy: string, options: { readonly cause?: unknown } = {}) {
    super(problem, { hint: remedy, exitCode: 2, cause: options.cause });
  }
}

/** A service was given up on: one clause that says what it answered, without a key. Becomes a result, never an exit. */
export class ServiceError extends MeridianError {
  override readonly name: string = "ServiceError";

  constructor(reason: string) {
    super(reason, { hint: "Run it again later; what is verified already is not sent again.", exitCode: 1 });
  }
}
