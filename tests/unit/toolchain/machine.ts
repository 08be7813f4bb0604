import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";

import type { Host } from "../../../toolchain/host";
import type { RunOptions, RunResult } from "../../../toolchain/run";

/** What a program answers on a simulated machine. */
export type Program = (args: readonly string[], options: RunOptions) => Partial<RunResult>;

/** A machine with a real, empty home folder and simulated programs: nothing is started. */
export interface Machine {
  readonly host: Host;
  readonly home: string;
  /** Each call, as "go version". */
  readonly calls: string[];
  /** Puts a program on PATH. */
  readonly install: (name: string, program: Program) => string;
  /** Answers for every program of this name, wherever it lies. */
  readonly answer: (name: string, program: Program) => void;
  readonly remove: () => void;
}

export const writeProgram = (path: string, content = "program"): string => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  chmodSync(path, 0o755);
  return path;
};

export function machine(): Machine {
  const home = mkdtempSync(join(tmpdir(), "meridian-machine-"));
  const bin = join(home, "bin");
  const programs = new Map<string, Program>();
  const calls: string[] = [];
  return {
    home,
    calls,
    host: {
      platform: "linux",
      arch: "x64",
      env: { PATH: bin },
      home,
      run: async (command, args, options = {}) => {
        const name = basename(command);
        calls.push([name, ...args].join(" "));
        await Promise.resolve();
        const result = programs.get(name)?.(args, options) ?? { code: undefined, problem: `spawn ${name} ENOENT` };
        return { code: result.problem === undefined ? 0 : undefined, stdout: "", stderr: "", ...result };
      },
    },
    install(name, program) {
      programs.set(name, program);
      return writeProgram(join(bin, name));
    },
    answer: (name, program) => void programs.set(name, program),
    remove: () => rmSync(home, { recursive: true }),
  };
}
