import { MeridianError } from "../../../errors";

/** Blocks that cannot be analysed: not there, not traceable, or not as they should be. */
export class AnalysisError extends MeridianError {
  override readonly name = "AnalysisError";
}
