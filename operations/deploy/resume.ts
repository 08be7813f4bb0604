import { MeridianError } from "../../errors";
import { examine, type Finder, type Finding, parseState, pendingOperations, settle, toRefresh } from "../pending";
import type { ResumableStack } from "./stack";

/** What was adopted could not be read from the cloud. */
export class ResumeError extends MeridianError {
  override readonly name = "ResumeError";
}

/**
 * To be called before a run: whatever an engine that was killed had begun is looked for in the cloud. What is there
 * becomes a resource of the stack and is read once; what is not there the run will make. Nothing is deleted.
 * @returns what was found and done, empty after an engine that ended by itself
 * @throws ResumeError when reading the adopted resources fails
 */
export const resumeStack = async (stack: ResumableStack, find: Finder): Promise<readonly Finding[]> => {
  const state = parseState(await stack.exportState());
  const pending = pendingOperations(state);
  if (pending.length === 0) return [];
  const findings = await examine(pending, find);
  // What only the run can find out stays pending until then, and so do changes, which the engine forgets by itself.
  if (findings.some(({ decision }) => decision !== "asked" && decision !== "refresh")) {
    await stack.importState(JSON.stringify(settle(state, findings)));
  }
  await readAgain(stack, toRefresh(findings));
  return findings.map(({ urn, operation, decision, id, explanation }) => ({
    urn,
    operation,
    decision,
    explanation,
    ...(id !== undefined && { id }),
  }));
};

/** Reads resources from the cloud. @throws ResumeError when that fails */
export const readAgain = async (stack: ResumableStack, urns: readonly string[]): Promise<void> => {
  if (urns.length === 0) return;
  const { exitCode, diagnostics } = await stack.refresh(urns);
  if (exitCode === 0) return;
  throw new ResumeError(`What exists in the cloud could not be read: ${diagnostics[0]?.message ?? ""}`, {
    hint: "Run again; the stack already knows the resources.",
    exitCode: 1,
  });
};
