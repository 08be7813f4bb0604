import { MeridianError } from "../errors";

/** An expected failure of the contract programs: one sentence says what is wrong, the hint what to do. */
export class ContractsError extends MeridianError {
  override readonly name: string = this.constructor.name;

  /**
   * @param problem what is wrong with which value
   * @param remedy what to do about it
   */
  constructor(problem: string, remedy: string, options: { readonly cause?: unknown } = {}) {
    super(problem, { hint: remedy, exitCode: 1, cause: options.cause });
  }
}

/** The message of anything thrown, for a sentence of ours that quotes it. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
