import { type CommitTimes, describeCommitTimes } from "../regions/commit-time";
import type { Move } from "../regions/placement";
import { describeBudget, type QuorumBudget } from "../regions/quorum";
import { formatTable } from "../table";

/** Where a stack's validators would be, and what that means: what `meridian placement --json` prints. */
export interface PlacementReport {
  readonly stack: string;
  /** Every region that is used, or was, in the order of the stack; then the further ones. */
  readonly regions: readonly {
    readonly name: string;
    readonly validators: number;
    /** Validators that the stack has there. */
    readonly now: number;
    /** Availability zone of each validator, as far as the region has any. */
    readonly zones: readonly string[];
  }[];
  readonly budget: QuorumBudget;
  readonly commit: CommitTimes;
  /** What does not fit between the stack's timing and the network. */
  readonly warnings: readonly string[];
  readonly moves: readonly Move[];
}

/** The report to read: a table, the budget, the commit time, and what moves. */
export function renderPlacement({ stack, regions, budget, commit, warnings, moves }: PlacementReport): string {
  const rows = regions.map(({ name, validators, now, zones }) => [
    name,
    String(validators),
    zones.length === 0 ? "-" : zones.join(", "),
    now === validators ? "" : `${now} now`,
  ]);
  const changes = moves.map(
    ({ action, region, ordinal }) => `  ${action === "add" ? "+" : "-"} ${region}-validator-${ordinal}`,
  );
  return [
    formatTable([["REGION", "VALIDATORS", "ZONES", ""], ...rows]),
    "",
    ...describeBudget(budget),
    ...describeCommitTimes(commit),
    ...warnings.map((warning) => `Warning: ${warning}`),
    "",
    moves.length === 0 ? `Stack ${stack} is placed so already.` : `What changes in stack ${stack}, each by vote:`,
    ...changes,
    "",
  ].join("\n");
}

/** The regions as a list that `meridian config generate --regions` reads. */
export const renderList = ({ regions }: PlacementReport): string =>
  regions
    .filter(({ validators }) => validators > 0)
    .map(({ name, validators }) => `${name} ${validators}\n`)
    .join("");
