import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { projectRoot } from "../../toolchain/paths";
import { ownOptions } from "../forecast/modes";
import { Rehearsal } from "../rehearsal";
import { waitForQuorum } from "../quorum-wait";
import { readConfiguration } from "../rehearse";
import { recordOf } from "../record-graph";

/** Opens rehearsals of a stack that does not exist yet, each in a temporary folder of its own. */
export interface Fresh {
  readonly open: () => Promise<Rehearsal>;
  /** Ends one and removes its folder. */
  readonly close: (rehearsal: Rehearsal) => void;
  /** Stops the one that runs: once gracefully, twice by force; after that none is opened. */
  readonly interrupt: () => void;
}

/** A sweep was stopped. */
export class SweepInterrupted extends Error {
  override readonly name = "SweepInterrupted";
}

/**
 * Without chains: commands are taken to print `{}`, so that a sweep repeats what reaches the cloud and nothing else.
 * @throws MeridianError for a stack without a file, and for a mistake in it
 */
export const freshRehearsals = (given: {
  readonly stack: string;
  readonly pulumi: string;
  readonly seed: number;
}): Fresh => {
  const fleet = readConfiguration(given.stack);
  const folders = new Map<Rehearsal, string>();
  let interrupted = false;
  return {
    open: async () => {
      if (interrupted) throw new SweepInterrupted("interrupted");
      const folder = mkdtempSync(join(tmpdir(), "meridian-sweep-"));
      const configuration = join(folder, "swept.yaml");
      writeFileSync(configuration, recordOf(given.stack, ownOptions(fleet), folder).configuration);
      const rehearsal = await Rehearsal.open({
        ...{ ...given, folder, configuration, program: projectRoot, commandAnswer: "{}" },
        waitOf: waitForQuorum(fleet),
      });
      folders.set(rehearsal, folder);
      return rehearsal;
    },
    close: (rehearsal) => {
      rehearsal.close();
      rmSync(folders.get(rehearsal) ?? "", { recursive: true, force: true });
      folders.delete(rehearsal);
    },
    interrupt: () => {
      interrupted = true;
      for (const rehearsal of folders.keys()) rehearsal.interrupt();
    },
  };
};
