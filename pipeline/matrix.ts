import { PipelineInputError } from "./input";

/** Jobs that GitHub makes of one matrix at most (GitHub docs, "Actions limits"). */
export const MATRIX_LIMIT = 256;

/** One job of a GitHub matrix, for `strategy.matrix.include`. */
export type MatrixEntry = Readonly<Record<string, string | number | boolean>>;

/**
 * A matrix for `strategy: matrix: ${{ fromJSON(…) }}`.
 *
 * @throws PipelineInputError for none or more than 256 jobs
 */
export function githubMatrix(include: readonly MatrixEntry[]): { readonly include: readonly MatrixEntry[] } {
  if (include.length > 0 && include.length <= MATRIX_LIMIT) return { include };
  throw new PipelineInputError("The matrix", `has ${include.length} jobs`, `1 to ${MATRIX_LIMIT}, which GitHub sets`);
}
