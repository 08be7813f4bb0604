import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

import { barrierName, type Phase, phaseOf, type PhaseOrder, phases } from "../regions/phases";

/** What the SDK keeps of a resource without declaring it. */
interface Inner {
  readonly __pulumiType?: string;
  readonly __parentResource?: pulumi.Resource;
}

/** Types of a resource and its parents, outermost first. */
function typesOf(resource: pulumi.Resource | undefined): string[] {
  const { __pulumiType: type, __parentResource: parent } = (resource ?? {}) as Inner;
  return type === undefined ? [] : [...typesOf(parent), type];
}

/** Barriers between the phases of a deployment. */
export interface Barriers {
  /** To be called when the program has made its last resource; without it nothing after the first phase begins. */
  close(): void;
}

/**
 * With `barrier`, every resource registered from now on depends on the whole phase before its own, in all regions. Call
 * it once, before the first resource. With `overlap` it does nothing.
 *
 * A barrier is one resource, `global-phase-<phase>`, which depends on everything in its phase and on which everything in
 * the next one depends: explicit edges, in the preview and in the state, and n + m of them instead of n × m. It costs
 * nothing (random bytes that nobody reads).
 *
 * It joins the regions: one that fails stops the next phase in all, and `--target` of one region is refused by the engine
 * as long as the others are not deployed ("depends on … which was not specified in --target list").
 */
export function applyPhases(order: PhaseOrder): Barriers {
  if (order === "overlap") return { close: () => undefined };
  const members = new Map<Phase, pulumi.Resource[]>(phases.map((phase) => [phase, []]));
  const barriers = new Map<Phase, Deferred<pulumi.Resource>>(phases.map((phase) => [phase, deferred()]));
  let closed = false;
  pulumi.runtime.registerStackTransformation(({ type, name, resource, props, opts }) => {
    // Components hold no slot, and the engine refuses providers that depend on what the targets leave out.
    if (closed || !(resource instanceof pulumi.CustomResource) || type.startsWith("pulumi:")) return undefined;
    const phase = phaseOf([...typesOf(opts.parent), type], name);
    members.get(phase)?.push(resource);
    const before = phases[phases.indexOf(phase) - 1];
    const barrier = before === undefined ? undefined : barriers.get(before)?.promise;
    if (barrier === undefined) return undefined;
    return { props, opts: pulumi.mergeOptions(opts, { dependsOn: barrier }) };
  });
  return {
    close: () => {
      closed = true;
      let previous: pulumi.Resource[] = [];
      for (const phase of phases.slice(0, -1)) {
        const dependsOn = [...previous, ...(members.get(phase) ?? [])];
        const barrier = new random.RandomId(barrierName(phase), { byteLength: 1 }, { dependsOn });
        barriers.get(phase)?.resolve(barrier);
        previous = [barrier];
      }
    },
  };
}

interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
}

function deferred<T>(): Deferred<T> {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => (resolve = settle));
  return { promise, resolve };
}
