import { mkdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline/promises";

import { parse, stringify } from "yaml";

import { tryFileLock } from "../contracts/file-lock";
import { MeridianError } from "../errors";
import type { Fleet } from "../fleet";
import { placementOf } from "../operations/regions/network";
import { beginRollout, resumeRollout } from "../operations/rollout/begin";
import { RecordFile, type RolloutRecord } from "../operations/rollout/record";
import { runRollout } from "../operations/rollout/rollout";
import type { RolloutTarget } from "../operations/rollout/target";
import { projectRoot } from "../toolchain/paths";
import { showProgress } from "../toolchain/progress";
import { ensurePulumi } from "../toolchain/pulumi";
import { isSplit, readParts } from "./config-split";
import { interruptible, openNetwork } from "./operate";
import { printJson } from "./output";
import type { RolloutCliOptions } from "./rollout";
import { formatWaves, nextAfter } from "./rollout-text";
import { readStackFile } from "./stack-file";

/** What a rollout goes through, and how it is ended. */
interface OpenTarget {
  readonly target: RolloutTarget;
  /** Where the rollout is written down. */
  readonly file: RecordFile;
  readonly interrupt: () => void;
  readonly close: () => Promise<void>;
}

/** Runs `meridian rollout`. */
export async function rollout(options: RolloutCliOptions): Promise<void> {
  refuseMixed(options);
  const { stack, dir, json = false, dryRun = false } = options;
  const { fleet } = readStackFile(stack, dir);
  refuseBarrier(fleet);
  if (options.rehearse === true && isSplit(stack, dir)) {
    throw new MeridianError(`The network ${stack} is split, and a rehearsal has one stack.`, {
      hint: "Rehearse it as one stack from a folder without the parts' files, or leave --rehearse out.",
    });
  }
  const onStep = (text: string): void => void process.stderr.write(`${text}\n`);
  const open = options.rehearse === true ? await openRehearsed(options, fleet, onStep) : await openOwn(options, onStep);
  const release = lockFor(open.file.path);
  try {
    const record = await recordOf(open, options, fleet);
    if (!json) process.stdout.write(`${formatWaves(record)}\n`);
    if (dryRun) {
      if (json) printJson(record);
      return;
    }
    if (options.rehearse !== true && options.yes !== true) await confirm();
    open.file.write(record);
    await interruptible(async (signal) => {
      signal.addEventListener("abort", () => open.interrupt());
      const paces = options.rehearse === true ? { lookMs: 10_000, pollMs: 30_000 } : {};
      const end = await runRollout(open.target, open.file, record, {
        settleMs: options.timeout,
        signal,
        onStep,
        ...paces,
      });
      if (json) printJson(end);
      else process.stdout.write(`\n${formatWaves(end)}${nextAfter(end, options.rehearse === true)}`);
      const done = end.waves.every(({ state }) => state === "done");
      process.exitCode = signal.aborted ? 130 : done ? 0 : 1;
    });
  } finally {
    release();
    await open.close();
  }
}

function refuseMixed({ resume, anew, rehearse, fresh, folder, fault, trouble }: RolloutCliOptions): void {
  if (resume === true && anew === true) {
    throw new MeridianError("--resume and --anew are both given. Allowed: one of them, or neither.");
  }
  const only = Object.entries({ fresh, folder, fault, trouble }).find(([, value]) => value !== undefined);
  if (rehearse === true || only === undefined) return;
  throw new MeridianError(`--${only[0]} is given without --rehearse. Give both, or neither.`);
}

/** @throws MeridianError where the network is split and a part's file says something else than the network's own */
function requireCurrentParts(stack: string, dir: string): void {
  const stale = isSplit(stack, dir) ? readParts(stack, dir).filter(({ current }) => !current) : [];
  if (stale.length === 0) return;
  const files = stale.map((part) => `Pulumi.${part.stack}.yaml`);
  throw new MeridianError(
    `${files.slice(0, 3).join(", ")} do not follow Pulumi.${stack}.yaml (${stale.length} files).`,
    {
      hint: `Write them anew: npx meridian config split --stack ${stack}`,
    },
  );
}

/** A barrier joins the regions: no wave could be deployed by itself. */
function refuseBarrier({ phases }: Fleet): void {
  if (phases === "overlap") return;
  throw new MeridianError('meridian:phases is "barrier", which lets no region be deployed without the others.', {
    hint: 'Allowed with a rollout: "overlap".',
  });
}

/** @throws MeridianError while another rollout of the stack runs */
function lockFor(path: string): () => void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const release = tryFileLock(`${path}.lock`);
  if (release !== undefined) return release;
  throw new MeridianError("Another rollout of this stack is running.", {
    hint: "Wait for it to end, or stop it there.",
  });
}

async function recordOf(
  { target, file }: OpenTarget,
  options: RolloutCliOptions,
  fleet: Fleet,
): Promise<RolloutRecord> {
  const { stack, dir, soak: soakMs, onFailure, waves: sizes, canary } = options;
  const configuration = configurationOf(join(resolve(dir), `Pulumi.${stack}.yaml`));
  const begun = options.anew === true ? undefined : file.read();
  if (options.resume === true) {
    if (begun !== undefined) return resumeRollout(begun, configuration, placementOf(target.machinery.network));
    throw new MeridianError(`There is no rollout of stack ${stack} to resume.`, {
      hint: "Begin one: without --resume.",
    });
  }
  if (begun !== undefined) {
    throw new MeridianError(`A rollout of stack ${stack} was begun and is not done.`, {
      hint: "Go on with it: --resume. Or forget it and plan again by what is deployed: --anew.",
    });
  }
  return beginRollout(target, {
    ...{ stack, configuration, soakMs, onFailure, global: isSplit(stack, dir), protect: fleet.protect },
    image: fleet.chain.besuImage,
    ...(sizes !== undefined && { sizes }),
    ...(canary !== undefined && { canary }),
  });
}

/** What of a stack's file the program sees. */
const configurationOf = (file: string): string =>
  stringify((parse(readFileSync(file, "utf8")) as { readonly config?: unknown } | null)?.config ?? {});

async function openRehearsed(
  { stack, seed, parallel, attempts, fault = [], trouble = [], ...options }: RolloutCliOptions,
  fleet: Fleet,
  onStep: (text: string) => void,
): Promise<OpenTarget> {
  const { pulumi } = await ensurePulumi({ onProgress: showProgress() });
  const { forget, openRehearsal, rehearsalFolder } = await import("../rehearsal/rehearse.js");
  const { parseFault } = await import("../rehearsal/azure/faults.js");
  const { parseTroubles } = await import("../rehearsal/arm/trouble.js");
  const { RehearsedNetwork } = await import("../rehearsal/rollout-network.js");
  const { rehearsedTarget } = await import("../rehearsal/rollout-target.js");
  const regions = fleet.regions.map(({ name }) => name);
  const faults = fault.map((text) => parseFault(text, [...regions, "global"]));
  const troubles = parseTroubles(trouble, regions);
  const folder = options.folder === undefined ? rehearsalFolder : resolve(options.folder);
  if (options.fresh === true) forget(folder);
  const { rehearsal, close } = await openRehearsal({ folder, pulumi: pulumi.path, stack, seed }, fleet);
  const network = await RehearsedNetwork.open({ cloud: rehearsal.cloud, fleet, stack, seed, troubles });
  // A rehearsal's slots are its own; 64 is what `meridian rehearse` takes.
  const slots = Math.min(parallel, 64);
  return {
    target: rehearsedTarget(rehearsal, network, { parallel: slots, attempts, seed, faults, onStep }),
    file: new RecordFile(join(folder, `rollout-${stack}.json`)),
    interrupt: () => rehearsal.interrupt(),
    close: async () => {
      await network.close();
      await close();
    },
  };
}

async function openOwn(options: RolloutCliOptions, onStep: (text: string) => void): Promise<OpenTarget> {
  const { stack, dir, attempts, parallel, concurrency } = options;
  requireCurrentParts(stack, dir);
  const { machinery } = await openNetwork({ stack, dir, timeout: 30 }, []);
  const { pulumi } = await ensurePulumi({ onProgress: showProgress() });
  const { ownTarget } = await import("./rollout-own.js");
  const { name: project } = parse(readFileSync(join(resolve(dir), "Pulumi.yaml"), "utf8")) as { readonly name: string };
  const folder = join(projectRoot, ".meridian", "rollout");
  const stackFile = (one: string): string => join(resolve(dir), `Pulumi.${one}.yaml`);
  const given = { stack, project, stackFile, folder, machinery, attempts, parallel, onStep, pulumi: pulumi.path };
  const target = ownTarget({ ...given, ...(isSplit(stack, dir) && { concurrency }) });
  return {
    target,
    file: new RecordFile(join(folder, `${stack}.json`)),
    interrupt: () => undefined, // signals reach the engine by itself
    close: () => {
      target.dispose();
      return Promise.resolve();
    },
  };
}

/** @throws MeridianError for any other answer than yes, and where nobody can be asked */
async function confirm(): Promise<void> {
  if (!process.stdin.isTTY) {
    throw new MeridianError("This deploys for real, and there is no terminal to ask in.", { hint: "Give --yes." });
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question("Roll this out to the subscription that your credentials lead to? Type yes: ");
  terminal.close();
  if (answer.trim() !== "yes") throw new MeridianError("Nothing was done: the answer was not yes.");
}
