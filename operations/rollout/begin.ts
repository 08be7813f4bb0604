import { createHash } from "node:crypto";

import { upgradeProblem } from "../../besu/upgrade";
import { MeridianError } from "../../errors";
import { planRollout } from "../../regions/rollout";
import { placementOf } from "../regions/network";
import { type OnFailure, type RolloutRecord, RolloutRecordError } from "./record";
import type { RolloutTarget } from "./target";

export interface BeginOptions {
  readonly stack: string;
  /** Text of the configuration that is rolled out. */
  readonly configuration: string;
  readonly soakMs: number;
  readonly onFailure: OnFailure;
  readonly sizes?: readonly number[];
  readonly canary?: string;
  /** Whether there are contracts to deploy after the regions, or outputs to settle. */
  readonly global: boolean;
  /** Container image of the validators. */
  readonly image: string;
  /** Whether Pulumi refuses to delete what a region is made of. */
  readonly protect: boolean;
}

const digest = (text: string): string => createHash("sha256").update(text).digest("hex");

/**
 * The record of a rollout that is to be begun: its waves by what is deployed now.
 *
 * @throws {MeridianError} for validators that are deployed and no longer configured, for releases of Besu that do not
 * understand each other, and for a rollback that cannot be.
 * @throws {RolloutError} as {@link planRollout} does.
 */
export async function beginRollout(target: RolloutTarget, options: BeginOptions): Promise<RolloutRecord> {
  const { stack, soakMs, onFailure, sizes, canary } = options;
  const placement = placementOf(target.machinery.network);
  const deployed = await target.deployed();
  const gone = deployed.filter(
    ({ region, ordinal }) => ordinal >= (placement.find(({ name }) => name === region)?.validators ?? 0),
  );
  if (gone.length > 0) {
    const names = gone.map(({ region, ordinal }) => `${region}-validator-${ordinal}`).join(", ");
    throw new MeridianError(`The stack ${stack} has validators that its configuration no longer has: ${names}.`, {
      hint: "A rollout removes nobody: each is voted out first, while it is configured (npx meridian validators dismiss), and then removed with pulumi up (docs/operations.md).",
    });
  }
  const living = [...new Set(deployed.map(({ region }) => region))];
  const others = deployed.flatMap(({ image }) => (image === undefined || image === options.image ? [] : [image]));
  refuseUpgrade(others, options.image);
  const planned = planRollout(placement, {
    living,
    // Another release starts otherwise, and may take longer: one validator of a region at a time.
    ...(others.length > 0 && sizes === undefined && { perRegion: 1 }),
    ...(sizes !== undefined && { sizes }),
    ...(canary !== undefined && { canary }),
  });
  const previous = await target.previous();
  if (onFailure === "rollback") refuseRollback(planned, previous !== undefined, options.protect);
  const fresh = { state: "pending" as const, problems: [] };
  const none = { steps: [], restarting: 0, joining: 0 };
  return {
    ...{ schemaVersion: 1, stack, configuration: digest(options.configuration), soakMs, onFailure },
    previous: previous ?? null,
    waves: [
      ...(options.global ? [{ kind: "global" as const, ...none, ...fresh }] : []),
      ...planned.map(({ steps, restarting, joining }) => ({
        kind: "regions" as const,
        steps: steps.map(({ region, ordinals }) => ({ region, ordinals: [...ordinals] })),
        ...{ restarting, joining, ...fresh },
      })),
      { kind: "contracts" as const, ...none, ...fresh },
    ],
  };
}

/** @throws MeridianError where releases that do not understand each other would be in one network */
function refuseUpgrade(deployed: readonly string[], image: string): void {
  for (const from of new Set(deployed)) {
    const problem = upgradeProblem(from, image);
    if (problem === undefined) continue;
    throw new MeridianError(`meridian:chain.besuImage is ${image}, and ${from} is deployed. ${problem}`, {
      hint: "Not by a rollout. Halt the chain (npx meridian stop all --halt), deploy with pulumi up, and start it again.",
    });
  }
}

function refuseRollback(waves: readonly { readonly restarting: number }[], known: boolean, protect: boolean): void {
  const hint = "Allowed: --on-failure stop, or keep.";
  if (protect && waves.some(({ restarting }) => restarting === 0)) {
    throw new MeridianError(
      "--on-failure is rollback, which destroys the new regions of a wave that failed, and meridian:protect is true: Pulumi will not.",
      { hint },
    );
  }
  if (!known && waves.some(({ restarting }) => restarting > 0)) {
    throw new MeridianError("--on-failure is rollback, and no update of this stack has succeeded to roll back to.", {
      hint,
    });
  }
}

/**
 * A rollout to go on with: what was not done is to be done. With another configuration than it began with, everything is:
 * the engine leaves alone what has not changed.
 *
 * @throws {RolloutRecordError} where the waves no longer cover the configured validators.
 */
export function resumeRollout(
  record: RolloutRecord,
  configuration: string,
  placement: readonly { readonly name: string; readonly validators: number }[],
): RolloutRecord {
  const planned = record.waves.flatMap(({ steps }) =>
    steps.flatMap(({ region, ordinals }) => ordinals.map((ordinal) => `${region} ${ordinal}`)),
  );
  const configured = placement.flatMap(({ name, validators }) =>
    Array.from({ length: validators }, (_, ordinal) => `${name} ${ordinal}`),
  );
  if (planned.sort().join() !== configured.sort().join()) {
    throw new RolloutRecordError("The rollout that was begun has other validators than the configuration has now.", {
      hint: "Plan it anew: npx meridian rollout --anew. Waves that are done cost nothing again.",
    });
  }
  const now = digest(configuration);
  const same = now === record.configuration;
  return {
    ...record,
    configuration: now,
    waves: record.waves.map((wave) =>
      same && wave.state === "done" ? wave : { ...wave, state: "pending", problems: [] },
    ),
  };
}
