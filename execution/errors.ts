import { MeridianError } from "../errors";

/** A block cannot be executed as it was asked for; the user can act on it. */
export class ExecutionError extends MeridianError {
  override readonly name: string = "ExecutionError";
}
