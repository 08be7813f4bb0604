import { isLoss, type PlannedStep, validatorPart } from "../policy/replacements";
import { scopeOf, type Violation } from "../policy/resource";

/** What is the same for a stack before and after a change. */
export interface StackSide {
  /** Rehearsed duration of a first deployment, in virtual seconds. */
  readonly firstDeploymentSeconds: number;
  /** List price a month in USD, of what has a known price. */
  readonly usdAMonth: number;
  /** What has no known price; never counted as nothing. */
  readonly withoutPrice: readonly string[];
  readonly validators: number;
  /** Validators that may stop before the chain halts. */
  readonly stoppable: number;
  /** So many regions may fail, whichever they are. */
  readonly anyRegions: number;
}

/** What a pull request would do to one stack. */
export interface StackChange {
  readonly stack: string;
  /** `--parallel` of the rehearsals. */
  readonly parallel: number;
  readonly base: StackSide;
  /** Absent when the head cannot be deployed. */
  readonly head?: StackSide | undefined;
  /** Rehearsed duration of the update from base to head, in virtual seconds; absent when it fails. */
  readonly updateSeconds?: number | undefined;
  readonly steps: readonly PlannedStep[];
  /** Address by logical name of each contract that would be deployed: `chain138-weth9`. */
  readonly addresses: Readonly<Record<string, string>>;
  readonly violations: readonly Violation[];
  /** The engine's errors. */
  readonly errors: readonly string[];
}

/** By it the comment is found again, so that a pull request has one. */
export const MARKER = "<!-- meridian report pr -->";

/** Lines of a list that are shown. */
const LONGEST_LIST = 40;

/** Most characters of a comment on GitHub. */
export const LONGEST_COMMENT = 65_536;

/** Whether a maintainer must look: a policy is violated, or the head cannot be deployed. */
export const needsAttention = (changes: readonly StackChange[]): boolean =>
  changes.some(({ violations, errors }) => violations.length > 0 || errors.length > 0);

/** The comment on a pull request, in Markdown of at most {@link LONGEST_COMMENT} characters. */
export function renderPullRequest(changes: readonly StackChange[]): string {
  const text = [MARKER, "## What this pull request changes", ...changes.flatMap(renderStack)].join("\n\n");
  if (text.length < LONGEST_COMMENT) return `${text}\n`;
  const cut = "\n\n… the rest is in the run's artifact.\n";
  return text.slice(0, LONGEST_COMMENT - cut.length) + cut;
}

function renderStack(change: StackChange): string[] {
  return [
    `### Stack ${plain(change.stack)}`,
    ...losses(change),
    ...section(
      "Errors",
      change.errors.map((error) => `- ${plain(error.split("\n", 1)[0] ?? "")}`),
    ),
    byRegion(change),
    comparison(change),
    ...unpriced(change),
    ...contracts(change),
    ...section(
      "Policy violations",
      change.violations.map(
        ({ policy, resource, message }) => `- \`${policy}\`: ${plain(resource)}: ${plain(message)}`,
      ),
    ),
  ];
}

const nameOf = ({ urn }: PlannedStep): string => urn.split("::").at(-1) ?? urn;

/** Texts come from a stranger's branch: no mark-up, no mention, no second line. */
const plain = (text: string): string =>
  text.replace(/\s+/g, " ").replace(/[\\`*_{}[\]<>|#@]/g, (sign) => `&#${sign.charCodeAt(0)};`);

function section(title: string, lines: readonly string[]): string[] {
  if (lines.length === 0) return [];
  const more = lines.length - LONGEST_LIST;
  return [`**${title}**`, [...lines.slice(0, LONGEST_LIST), ...(more > 0 ? [`- … and ${more} more`] : [])].join("\n")];
}

/** In bold and first: what a validator cannot be given back. */
function losses({ steps }: StackChange): string[] {
  const lost = steps.filter((step) => isLoss(step) && validatorPart(step) !== undefined);
  const lines = lost.map((step) => {
    const why = step.keys === undefined ? "" : ` (${step.keys.map(plain).join(", ")})`;
    const part = validatorPart(step);
    return `- **${step.op} ${plain(nameOf(step))}: ${part === "validator" ? "a validator's machine" : `a validator's ${part}`}**${why}`;
  });
  return section("⚠ Validators, their disks or keys would be lost", lines);
}

const kinds = ["create", "update", "replace", "delete"] as const;

function byRegion({ steps }: StackChange): string {
  const scopes = [...new Set(steps.map((step) => scopeOf(nameOf(step))))].sort();
  if (scopes.length === 0) return "No resource changes.";
  const count = (scope: string | undefined, kind: string): number =>
    steps.filter((step) => step.op === kind && (scope === undefined || scopeOf(nameOf(step)) === scope)).length;
  const rows = [...scopes.map((scope) => [plain(scope), scope] as const), ["**all**", undefined] as const].map(
    ([label, scope]) => `| ${label} | ${kinds.map((kind) => count(scope, kind)).join(" | ")} |`,
  );
  return ["| region | added | changed | replaced | deleted |", "| --- | --: | --: | --: | --: |", ...rows].join("\n");
}

function comparison({ base, head, parallel, updateSeconds }: StackChange): string {
  const row = (what: string, of: (side: StackSide) => number, show: (value: number) => string): string => {
    const [before, after] = [of(base), head === undefined ? undefined : of(head)];
    const change = after === undefined ? "unknown" : after === before ? "none" : signed(after - before, show);
    return `| ${what} | ${show(before)} | ${after === undefined ? "unknown" : show(after)} | ${change} |`;
  };
  const whole = (value: number): string => value.toLocaleString("en-US", { maximumFractionDigits: 0 });
  return [
    "| | base | head | change |",
    "| --- | --: | --: | --: |",
    `| this update, rehearsed with --parallel ${parallel} | | ${updateSeconds === undefined ? "fails" : duration(updateSeconds)} | |`,
    row(`a first deployment, rehearsed with --parallel ${parallel}`, (side) => side.firstDeploymentSeconds, duration),
    row("list price a month, USD", (side) => side.usdAMonth, whole),
    row("validators", (side) => side.validators, whole),
    row("validators that may stop before the chain halts", (side) => side.stoppable, whole),
    row("regions that may fail, whichever they are", (side) => side.anyRegions, whole),
  ].join("\n");
}

const signed = (difference: number, show: (value: number) => string): string =>
  `${difference > 0 ? "+" : "−"}${show(Math.abs(difference))}`;

/** `1 h 02 min 03 s` of seconds. */
function duration(seconds: number): string {
  const whole = Math.round(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  const two = (value: number): string => String(value).padStart(2, "0");
  if (hours > 0) return `${hours} h ${two(minutes)} min ${two(rest)} s`;
  return minutes > 0 ? `${minutes} min ${two(rest)} s` : `${rest} s`;
}

function unpriced({ head, base }: StackChange): string[] {
  const { withoutPrice } = head ?? base;
  if (withoutPrice.length === 0) return [];
  const lines = withoutPrice.map((each) => `- ${plain(each)}`).join("\n");
  return [
    `<details><summary>Not in the price: ${withoutPrice.length} kinds of things</summary>\n\n${lines}\n\n</details>`,
  ];
}

function contracts({ steps, addresses }: StackChange): string[] {
  const deployed = steps.filter(
    (step) => addresses[nameOf(step)] !== undefined && ["create", "replace", "update"].includes(step.op),
  );
  return section(
    "Contracts that would be deployed",
    deployed.map(
      (step) =>
        `- ${plain(nameOf(step))} at \`${plain(addresses[nameOf(step)] ?? "")}\` (${step.op === "create" ? "new" : "again"})`,
    ),
  );
}
