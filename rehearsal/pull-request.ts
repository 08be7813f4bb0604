import { join } from "node:path";

import { MeridianError } from "../errors";
import type { StackChange, StackSide } from "../pipeline/pull-request";
import { judgeReplacements } from "../policy/replacements";
import { resourcesOfState } from "../policy/resource";
import { judge } from "../policy/rules";
import type { PolicySettings } from "../policy/settings";
import { Rehearsal, type RunResult } from "./rehearsal";

/** A version of the program and of its stack's configuration. */
export interface Version {
  /** Folder of the Pulumi program. */
  readonly program: string;
  /** @default Pulumi.<stack>.yaml of the program */
  readonly configuration?: string;
  /** What its configuration says without a deployment. */
  readonly known: Omit<StackSide, "firstDeploymentSeconds">;
}

export interface CompareOptions {
  readonly stack: string;
  readonly base: Version;
  readonly head: Version;
  /** Absolute path of the pulumi binary. */
  readonly pulumi: string;
  /** Folder for two rehearsals, which is empty. */
  readonly folder: string;
  readonly parallel: number;
  readonly policies: PolicySettings;
}

/** The base cannot be deployed, so there is nothing that the head could be compared with. */
export class BaseFailedError extends MeridianError {
  override readonly name = "BaseFailedError";
}

const errorsOf = ({ diagnostics }: RunResult): string[] =>
  diagnostics.filter(({ severity }) => severity === "error").map(({ message }) => message);

/**
 * Brings the base up in the rehearsal, previews the head on that state, updates to it, and deploys the head anew. Commands
 * are not run: what contracts would do is seen in the plan.
 *
 * @throws BaseFailedError
 */
export async function compareInRehearsal(options: CompareOptions): Promise<StackChange> {
  const { stack, base, head, parallel, policies } = options;
  const living = join(options.folder, "living");
  const first = await within(options, base, living, (rehearsal) =>
    rehearsal.run("up", { parallel, checkpoints: false }),
  );
  if (first.exitCode !== 0) {
    throw new BaseFailedError(`The base of stack ${stack} cannot be deployed: ${errorsOf(first)[0] ?? "unknown"}`, {
      exitCode: 1,
      hint: "Repair the base first, or compare with another: --base <commit>.",
    });
  }
  const { preview, update, resources } = await within(options, head, living, async (rehearsal) => {
    const planned = await rehearsal.run("preview", { parallel });
    const updated = await rehearsal.run("up", { parallel, checkpoints: false, continueOnError: true });
    const state = JSON.parse(await rehearsal.exportState()) as Parameters<typeof resourcesOfState>[0];
    return { preview: planned, update: updated, resources: resourcesOfState(state) };
  });
  const fresh = await within(options, head, join(options.folder, "fresh"), (rehearsal) =>
    rehearsal.run("up", { parallel, checkpoints: false }),
  );
  const errors = [...new Set([preview, update, fresh].flatMap(errorsOf))];
  return {
    ...{ stack, parallel, steps: preview.steps, errors },
    base: { ...base.known, firstDeploymentSeconds: first.virtualMs / 1000 },
    head: fresh.exitCode === 0 ? { ...head.known, firstDeploymentSeconds: fresh.virtualMs / 1000 } : undefined,
    updateSeconds: update.exitCode === 0 ? update.virtualMs / 1000 : undefined,
    addresses: Object.fromEntries(
      resources.flatMap(({ type, name, props }) => {
        if (type !== "command:local:Command" || name.endsWith("-verify")) return [];
        const address = / --address (0x[0-9a-fA-F]{40})/.exec(
          typeof props.create === "string" ? props.create : "",
        )?.[1];
        return address === undefined ? [] : [[name, address]];
      }),
    ),
    violations: [...judgeReplacements(preview.steps, policies), ...judge(resources, policies)],
  };
}

async function within<Result>(
  { stack, pulumi }: CompareOptions,
  { program, configuration }: Version,
  folder: string,
  work: (rehearsal: Rehearsal) => Promise<Result>,
): Promise<Result> {
  const given = { ...(configuration !== undefined && { configuration }), commandAnswer: "{}" };
  const rehearsal = await Rehearsal.open({ folder, program, pulumi, stack, ...given });
  try {
    return await work(rehearsal);
  } finally {
    rehearsal.close();
  }
}
