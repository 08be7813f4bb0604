import type { RegionEvent } from "../operations/regions/each-region";
import { OrderedOutput } from "../operations/regions/ordered-output";
import { formatSeconds } from "../toolchain/progress";

/** What is told of the regions while they are worked on. */
export interface RegionProgress {
  readonly onEvent: (event: RegionEvent) => void;
  /** Ends the display; regions that have told nothing are left out of it. */
  readonly finish: () => Promise<void>;
}

/** Nothing is shown: for `--json`, and for what takes a moment. */
export const silentProgress: RegionProgress = { onEvent: () => undefined, finish: () => Promise.resolve() };

/**
 * Shows the regions on stderr: all of them live on a terminal; elsewhere plain lines, each region's together and in the
 * configured order.
 */
export async function showRegions(
  regions: readonly string[],
  stream: NodeJS.WriteStream = process.stderr,
): Promise<RegionProgress> {
  return stream.isTTY
    ? liveProgress(regions, stream)
    : plainProgress(regions, (line) => void stream.write(`${line}\n`));
}

/** @param now milliseconds; given by tests */
export function plainProgress(
  regions: readonly string[],
  write: (line: string) => void,
  now: () => number = Date.now,
): RegionProgress {
  const output = new OrderedOutput(regions, write);
  const began = new Map<string, number>();
  return {
    onEvent: (event) => {
      const { region } = event;
      if (event.kind === "began") return void began.set(region, now());
      if (event.kind === "step") {
        output.add(region, `${region}: ${event.text}`);
        return;
      }
      const took = formatSeconds(now() - (began.get(region) ?? now()));
      const how = event.kind === "done" ? "done" : `failed: ${event.failure.code}: ${event.failure.message}`;
      output.add(region, `${region}: ${how} (${took})`);
      output.end(region);
    },
    finish: () => {
      for (const region of regions) output.end(region);
      return Promise.resolve();
    },
  };
}

/** A line a region, by listr2, which is loaded only here. */
async function liveProgress(regions: readonly string[], stream: NodeJS.WriteStream): Promise<RegionProgress> {
  const { color, Listr, ListrLogger, ProcessOutput } = await import("listr2");
  const handlers = new Map<string, (event: RegionEvent) => void>();
  const endings = new Map<string, () => void>();
  // listr2 begins its tasks a little later than the regions begin.
  const early: RegionEvent[] = [];
  const tasks = new Listr(
    regions.map((region) => ({
      title: region,
      task: (_: unknown, task: { title: string }): Promise<void> =>
        new Promise((done, failed) => {
          endings.set(region, done);
          const handle = (event: RegionEvent): void => {
            if (event.kind === "step") task.title = `${region}: ${event.text}`;
            else if (event.kind === "done") done();
            else if (event.kind === "failed") failed(new Error(`${event.failure.code}: ${event.failure.message}`));
          };
          handlers.set(region, handle);
          for (const event of early) if (event.region === region) handle(event);
        }),
    })),
    {
      concurrent: true,
      exitOnError: false,
      registerSignalListeners: false,
      rendererOptions: {
        collapseErrors: false,
        timer: {
          condition: (ms) => ms > 1000,
          field: (ms) => formatSeconds(ms),
          format: () => (text) => color.dim(String(text)),
        },
        logger: new ListrLogger({ processOutput: new ProcessOutput(stream, stream) }),
      },
    },
  );
  const running = tasks.run();
  return {
    onEvent: (event) => {
      const handle = handlers.get(event.region);
      if (handle === undefined) early.push(event);
      else handle(event);
    },
    finish: async () => {
      for (const end of endings.values()) end();
      await running.catch(() => undefined);
    },
  };
}
