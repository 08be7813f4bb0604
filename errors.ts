/** What goes with an error that the user can act on. */
export interface MeridianErrorOptions {
  /** What to do about it; may be several lines. */
  readonly hint?: string;
  /** Exit code of the command that ends with it. @default 2 */
  readonly exitCode?: number;
  readonly cause?: unknown;
}

/**
 * An expected error: one sentence saying what is wrong with which value, and a hint saying what to do.
 * The CLI prints it without a stack. Imports nothing, so that the pure folders may throw it as well.
 */
export class MeridianError extends Error {
  override readonly name: string = "MeridianError";
  readonly hint: string | undefined;
  readonly exitCode: number;

  constructor(message: string, options: MeridianErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.hint = options.hint;
    this.exitCode = options.exitCode ?? 2;
  }
}
