import { parse } from "yaml";

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}
interface Job {
  readonly permissions?: unknown;
  readonly "timeout-minutes"?: unknown;
  readonly steps?: readonly Step[];
}
interface Workflow {
  readonly on?: unknown;
  readonly permissions?: unknown;
  readonly jobs?: Readonly<Record<string, Job>>;
}

/** What a stranger can choose: their text would be part of the script. */
const foreign = /\$\{\{[^}]*\b(github\.event\.|github\.head_ref|inputs\.|matrix\.|vars\.|secrets\.)/;

/** What actionlint does not ask of a workflow: pinned actions, least rights, an end, and no foreign text in a script. */
export function faultsOfWorkflow(text: string): string[] {
  const { on, permissions, jobs = {} } = parse(text) as Workflow;
  const triggers = typeof on === "string" ? [on] : Array.isArray(on) ? on : Object.keys(on ?? {});
  const faults: string[] = [];
  if (triggers.includes("pull_request_target")) faults.push("pull_request_target gives a stranger's code the secrets");
  if (JSON.stringify(permissions) !== "{}")
    faults.push("permissions at the top must be {}: each job says what it needs");
  for (const [name, job] of Object.entries(jobs)) {
    if (typeof job.permissions !== "object") faults.push(`${name}: no permissions of its own`);
    if (job["timeout-minutes"] === undefined) faults.push(`${name}: no timeout-minutes`);
    for (const { uses, run, with: given } of job.steps ?? []) {
      if (uses !== undefined && !/^[\w.-]+\/[\w./-]+@[0-9a-f]{40}$/.test(uses))
        faults.push(`${name}: ${uses} is not pinned to a commit`);
      if (uses?.startsWith("actions/checkout@") === true && given?.["persist-credentials"] !== false) {
        faults.push(`${name}: actions/checkout leaves its token behind (persist-credentials: false)`);
      }
      const script = run ?? (given?.script as string | undefined) ?? "";
      if (foreign.test(script)) faults.push(`${name}: a script holds an expression; give it by env`);
    }
  }
  // The version beside the hash, for people.
  for (const line of text.split("\n")) {
    if (/uses: .*@[0-9a-f]{40}\s*$/.test(line)) faults.push(`${line.trim()}: no version behind the hash`);
  }
  return faults;
}
