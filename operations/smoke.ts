import { deploy, type DeployableStack, type DeployOptions } from "./deploy/deploy";
import type { EngineRun } from "./deploy/stack";
import type { LoopResult } from "./retry/loop";

/** Validators of the smallest network that QBFT is good for: it tolerates one fault. */
const validators = 4;

/**
 * The settings of a deployment that is as cheap as the program permits and touches every kind of resource: one region,
 * four validators, the smallest nodes, no contracts, nothing protected. The API server is open to the internet, with the
 * cluster's own certificate, since the machine that deploys is nowhere near its network; not for anything that stays.
 *
 * @param region Azure's name, e.g. `northeurope`
 */
export const smokeSettings = (region: string): Readonly<Record<string, unknown>> => ({
  "meridian:regions": [{ name: region, validators }],
  "meridian:allowSingleRegionHalt": true,
  "meridian:network": { globalLocation: region },
  // No chain gets contracts; the owner is the first account of anvil's published test mnemonic.
  "meridian:contracts": {
    salt: "meridian-smoke",
    owner: "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266",
    mode: "dataflow",
    chains: {},
  },
  // As mode ultra sets it, in which it is deployed.
  "meridian:phases": "overlap",
  "meridian:cluster": {
    tier: "Free",
    systemVmSize: "Standard_D2s_v5",
    systemNodes: 1,
    validatorVmSize: "Standard_D2s_v5",
    apiServer: "open",
    access: "local",
  },
  "meridian:protect": false,
  "meridian:tags": { purpose: "meridian-smoke" },
});

/** A stack that can be deployed, and destroyed again. */
export interface SmokeStack<R extends EngineRun> extends DeployableStack<R> {
  /** `pulumi destroy`. */
  destroy(): Promise<EngineRun>;
}

/** What became of a smoke run. */
export interface SmokeResult<R extends EngineRun> {
  readonly deployed: LoopResult<R>;
  /** Absent when it was kept. */
  readonly destroyed?: EngineRun;
  /** Deployed, and, unless kept, destroyed. */
  readonly succeeded: boolean;
}

/**
 * Deploys and destroys, also what an unfinished or interrupted deployment has made: nothing that costs is left behind.
 * @param keep leaves all of it where it is
 */
export const runSmoke = async <R extends EngineRun>(
  stack: SmokeStack<R>,
  { keep, ...options }: DeployOptions & { readonly keep: boolean },
): Promise<SmokeResult<R>> => {
  const deployed = await deploy(stack, options);
  const up = deployed.cured || deployed.runs.at(-1)?.exitCode === 0;
  if (keep) return { deployed, succeeded: up };
  options.onStep(up ? "deployed; now it is destroyed" : "not deployed; what was made is destroyed");
  const destroyed = await stack.destroy();
  return { deployed, destroyed, succeeded: up && destroyed.exitCode === 0 };
};
