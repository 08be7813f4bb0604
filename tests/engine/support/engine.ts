import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Rehearsal, type RehearsalOptions } from "../../../rehearsal/rehearsal";
import { ensurePulumi } from "../../../toolchain/pulumi";

const opened: { readonly rehearsal: Rehearsal; readonly ownFolder: string | undefined }[] = [];

/** A rehearsal, closed by `closeRehearsals`; so is its folder removed, unless one was given. */
export const openRehearsal = async (
  options: Omit<RehearsalOptions, "folder" | "pulumi" | "stack"> & {
    readonly folder?: string;
    readonly stack?: string;
  },
): Promise<Rehearsal> => {
  const { pulumi } = await ensurePulumi();
  const ownFolder = options.folder === undefined ? mkdtempSync(join(tmpdir(), "meridian-rehearsal-")) : undefined;
  const folder = options.folder ?? ownFolder ?? "";
  const rehearsal = await Rehearsal.open({ stack: "test", ...options, folder, pulumi: pulumi.path });
  opened.push({ rehearsal, ownFolder });
  return rehearsal;
};

/** To be called after each test. */
export const closeRehearsals = (): void => {
  for (const { rehearsal, ownFolder } of opened.splice(0)) {
    rehearsal.close();
    if (ownFolder !== undefined) rmSync(ownFolder, { recursive: true, force: true });
  }
};

/** Name of the resource in a URN. */
export const nameOf = (urn: string): string => urn.split("::").at(-1) ?? urn;
