import type { Timed } from "./durations";
import { groupBy } from "./group";
import type { Observation } from "./history";
import { median, withoutOutliers } from "./statistics";

/** A test file as it is now. */
export interface TestFile {
  readonly name: string;
  readonly sizeBytes?: number | undefined;
  readonly sha256?: string | undefined;
}

/** How long a test file is taken to last, and why. */
export interface Estimate extends Timed {
  /**
   * `history`: its own durations; `renamed`: those of a file that is gone; `neighbours`: its own are not known, so those of
   * the files around it; `nothing`: no duration of anything is known, so all files count the same.
   */
  readonly basis: "history" | "renamed" | "neighbours" | "nothing";
  /** The file's former name, or the folder of the neighbours. */
  readonly from?: string;
  /** Durations that the estimate is made of. */
  readonly samples: number;
  /** Durations that were left out as outliers. */
  readonly outliers: number;
}

/** How many of the latest durations count. */
export const WINDOW = 7;

interface Past {
  readonly seconds: number;
  readonly samples: number;
  readonly outliers: number;
  readonly sizeBytes?: number | undefined;
  readonly sha256?: string | undefined;
}

/**
 * The latest durations of one thing: of its passed runs, since a failure ends early; of its failed ones for want of
 * others.
 */
export function latestSeconds(seen: readonly Observation[]): number[] {
  const passed = seen.filter(({ outcome }) => outcome === "passed");
  const usable = passed.length > 0 ? passed : seen.filter(({ outcome }) => outcome === "failed");
  return usable.slice(-WINDOW).map(({ seconds }) => seconds);
}

/** What is expected of each name of a kind: the median of its latest durations without outliers. */
function pastOf(history: readonly Observation[], kind: Observation["kind"]): Map<string, Past> {
  const past = new Map<string, Past>();
  const ofKind = history.filter((observation) => observation.kind === kind);
  for (const [name, seen] of groupBy(ofKind, ({ name: each }) => each)) {
    const latest = latestSeconds(seen);
    const kept = withoutOutliers(latest);
    const seconds = median(kept);
    if (seconds === undefined) continue;
    const { sizeBytes, sha256 } = seen.at(-1) ?? {};
    past.set(name, { seconds, samples: kept.length, outliers: latest.length - kept.length, sizeBytes, sha256 });
  }
  return past;
}

const folderOf = (name: string): string => name.slice(0, Math.max(name.lastIndexOf("/"), 0));
const baseOf = (name: string): string => name.slice(name.lastIndexOf("/") + 1);

/** The former names of files that have no past: by equal content, else by the only vanished file of that base name. */
function formerNames(files: readonly TestFile[], past: ReadonlyMap<string, Past>): Map<string, string> {
  const now = new Set(files.map(({ name }) => name));
  const gone = [...past.keys()].filter((name) => !now.has(name));
  const fresh = files.filter(({ name }) => !past.has(name));
  const byContent = groupBy(gone, (name) => past.get(name)?.sha256);
  const byBase = groupBy(gone, baseOf);
  const freshByBase = groupBy(fresh, ({ name }) => baseOf(name));
  const former = new Map<string, string>();
  const taken = new Set<string>();
  const take = (name: string, from: string | undefined): void => {
    if (from === undefined || taken.has(from) || former.has(name)) return;
    former.set(name, from);
    taken.add(from);
  };
  for (const { name, sha256 } of fresh) {
    if (sha256 !== undefined)
      take(
        name,
        byContent.get(sha256)?.find((each) => !taken.has(each)),
      );
  }
  for (const [base, candidates] of freshByBase) {
    const [only, ...others] = byBase.get(base) ?? [];
    const [first, ...more] = candidates;
    if (first !== undefined && others.length === 0 && more.length === 0) take(first.name, only);
  }
  return former;
}

/** What the files in a folder and below suggest for a file: seconds a byte times its size, else the middle one. */
function fromNeighbours(file: TestFile, folders: ReadonlyMap<string, readonly Past[]>): Estimate | undefined {
  for (let folder = folderOf(file.name); ; folder = folderOf(folder)) {
    const around = folders.get(folder) ?? [];
    if (around.length > 0) {
      const rates = around.flatMap(({ seconds, sizeBytes = 0 }) => (sizeBytes > 0 ? [seconds / sizeBytes] : []));
      const rate = median(rates);
      const { sizeBytes } = file;
      const bySize = rate === undefined || sizeBytes === undefined ? undefined : rate * sizeBytes;
      const seconds = bySize ?? median(around.map((past) => past.seconds)) ?? 0;
      return { name: file.name, seconds, basis: "neighbours", from: folder, samples: around.length, outliers: 0 };
    }
    if (folder === "") return undefined;
  }
}

/**
 * How long each test file will take, by what is known of it.
 *
 * @param history in order of time, as parseHistory gives it
 * @returns one estimate a file, in the files' order; 1 s each when nothing at all is known
 */
export function estimate(files: readonly TestFile[], history: readonly Observation[]): Estimate[] {
  const past = pastOf(history, "test");
  const former = formerNames(files, past);
  const folders = new Map<string, Past[]>();
  for (const [name, seen] of past) {
    for (let folder = folderOf(name); ; folder = folderOf(folder)) {
      const around = folders.get(folder);
      if (around === undefined) folders.set(folder, [seen]);
      else around.push(seen);
      if (folder === "") break;
    }
  }
  return files.map((file) => {
    const own = past.get(file.name);
    const { name } = file;
    if (own !== undefined) return { name, ...pick(own), basis: "history" };
    const from = former.get(name);
    const before = from === undefined ? undefined : past.get(from);
    if (before !== undefined) return { name, ...pick(before), basis: "renamed", ...(from !== undefined && { from }) };
    return fromNeighbours(file, folders) ?? { name, seconds: 1, basis: "nothing", samples: 0, outliers: 0 };
  });
}

const pick = ({ seconds, samples, outliers }: Past) => ({ seconds, samples, outliers });

/** How long each job of the history will take, by name. */
export const jobSeconds = (history: readonly Observation[]): ReadonlyMap<string, number> =>
  new Map([...pastOf(history, "job")].map(([name, { seconds }]) => [name, seconds]));
