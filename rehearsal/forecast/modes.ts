import type { Fleet } from "../../fleet";
import type { PhaseOrder } from "../../regions/phases";

/** The options of the program that a mode sets; they decide the graph. */
export interface ProgramOptions {
  /** `meridian:phases` of the stack's configuration. */
  readonly phases: PhaseOrder;
  /** `meridian:contracts.mode`. */
  readonly contracts: "batches" | "dataflow";
}

/** How a deployment is run: flags of the engine and options of the program, and nothing else. */
export interface Mode extends ProgramOptions {
  /** `--parallel` of `pulumi up`. */
  readonly parallel: number;
  /** What it is for, in a sentence. */
  readonly about: string;
}

/** More slots than any stack has resources. Not 0, which the engine takes for one at a time. */
export const unbounded = 2147483647;

/**
 * The modes, from the slowest to the fastest. `sequential` has barriers as well: where phases overlap, the command that
 * waits for chain 138 asks for its slot before the validators do, and with a single slot it waits for ever.
 */
export const modes = {
  sequential: {
    parallel: 1,
    phases: "barrier",
    contracts: "batches",
    about: "one resource at a time, to watch or to debug",
  },
  standard: { parallel: 10, phases: "barrier", contracts: "batches", about: "few requests at once, phase after phase" },
  maximum: {
    parallel: 128,
    phases: "barrier",
    contracts: "batches",
    about: "each phase as wide as it goes, phase after phase",
  },
  ultra: {
    parallel: unbounded,
    phases: "overlap",
    contracts: "dataflow",
    about: "nothing waits that has no reason to",
  },
} as const satisfies Readonly<Record<string, Mode>>;

/** `overlap-dataflow`: the options as part of a key or a file's name. */
export const optionsText = ({ phases, contracts }: ProgramOptions): string => `${phases}-${contracts}`;

/** The options that a stack's own configuration sets. */
export const ownOptions = ({ phases, contracts }: Pick<Fleet, "phases" | "contracts">): ProgramOptions => ({
  phases,
  contracts: contracts.mode,
});

export type ModeName = keyof typeof modes;

export const modeNames = Object.keys(modes) as ModeName[];

/**
 * The arguments of `pulumi up` that are the mode. Pulumi saves what `--config` sets in the stack's file.
 * @param parallel fewer slots than the mode's, after throttling
 */
export const modeArguments = (name: ModeName, parallel: number = modes[name].parallel): string[] => {
  const { phases } = modes[name];
  return ["--parallel", String(parallel), "--config", `meridian:phases=${phases}`];
};

/**
 * The arguments of `pulumi` that set, in the stack's file, what of a mode lies inside a mapping. Not `pulumi up --config`
 * with `--config-path`: that puts a mapping of this one entry in the place of the whole (measured, engine 3.259).
 */
export const modeSettingArguments = (name: ModeName): string[] => [
  ...["config", "set", "--path", "meridian:contracts.mode", modes[name].contracts],
];
