import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** Written last into a stored tool: a folder without it, or whose files have other sizes, is torn. */
const stampFile = "meridian-tool.json";

/** What a stored tool says of itself. */
export interface Stamp {
  /** How it came here: "built with go 1.26.8", "the vendor's installer". */
  readonly origin: string;
  /** Version of each program. */
  readonly versions: Readonly<Record<string, string>>;
}

interface StoredStamp extends Stamp {
  /** Size in bytes of each file that matters, by its path in the folder. */
  readonly sizes: Readonly<Record<string, number>>;
}

/** The answer about a folder of the store. */
export type Stored =
  { readonly state: "absent" } | { readonly state: "torn" } | { readonly state: "whole"; readonly stamp: Stamp };

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === "ENOENT";

/** Whether `folder` holds a tool that was stored to its end and has not lost a file since. Starts no process. */
export async function readStored(folder: string): Promise<Stored> {
  try {
    await stat(folder);
  } catch (error) {
    if (isMissing(error)) return { state: "absent" };
    throw error;
  }
  try {
    const stamp = JSON.parse(await readFile(join(folder, stampFile), "utf8")) as StoredStamp;
    for (const [path, size] of Object.entries(stamp.sizes)) {
      if ((await stat(join(folder, path))).size !== size) return { state: "torn" };
    }
    return { state: "whole", stamp };
  } catch {
    return { state: "torn" };
  }
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
};

/** Removes what killed processes have left beside `folder`. */
async function sweep(folder: string): Promise<void> {
  const ours = new RegExp(`^\\.${basename(folder).replaceAll(".", "\\.")}-(\\d+)-`);
  for (const name of await readdir(dirname(folder))) {
    const pid = ours.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) await rm(join(dirname(folder), name), { recursive: true });
  }
}

/**
 * Fills a folder and puts it into its place at once. Two processes may do it at the same time: each fills a folder of
 * its own, the first rename wins and the other takes that result, so nobody ever sees half a tool. A torn folder is
 * replaced.
 *
 * @param files paths in the folder whose loss or truncation must be noticed
 * @param fill fills the folder it is given; what it throws is passed on and leaves nothing behind
 */
export async function store(
  folder: string,
  files: readonly string[],
  fill: (temporary: string) => Promise<Stamp>,
): Promise<Stamp> {
  await mkdir(dirname(folder), { recursive: true });
  await sweep(folder);
  const temporary = await mkdtemp(join(dirname(folder), `.${basename(folder)}-${process.pid}-`));
  try {
    const stamp = await fill(temporary);
    const sizes = Object.fromEntries(
      await Promise.all(files.map(async (path) => [path, (await stat(join(temporary, path))).size] as const)),
    );
    await writeFile(join(temporary, stampFile), JSON.stringify({ ...stamp, sizes } satisfies StoredStamp, null, 2));
    return (await publish(temporary, folder)) ?? stamp;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** Renames into place; returns the stamp of what is already there when that is whole. */
async function publish(temporary: string, folder: string): Promise<Stamp | undefined> {
  for (let attempt = 0; attempt < 3; attempt++) {
    const there = await readStored(folder);
    if (there.state === "whole") return there.stamp;
    if (there.state === "torn") await rename(folder, `${temporary}-torn`).catch(() => undefined);
    try {
      await rename(temporary, folder);
      await rm(`${temporary}-torn`, { recursive: true, force: true });
      return undefined;
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? "";
      if (!["ENOTEMPTY", "EEXIST", "EPERM"].includes(code)) throw error;
    }
  }
  throw new Error(`Another process keeps writing to ${folder}.`);
}
