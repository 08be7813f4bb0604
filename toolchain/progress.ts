/** What is going on: a step begins and ends, or something is worth a line. */
export type ProgressEvent =
  | { readonly kind: "started"; readonly text: string }
  | { readonly kind: "done"; readonly text: string }
  | { readonly kind: "failed"; readonly text: string }
  | { readonly kind: "note"; readonly text: string };

export type Progress = (event: ProgressEvent) => void;

/** The part of `process.stderr` that is written to. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Seconds between two lines where there is no terminal that a counter could run on. */
const lineEverySeconds = 10;

/** `9 s`, `2 min 05 s` */
export function formatSeconds(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, "0")} s`;
}

/**
 * Shows steps on a stream (never stdout, which belongs to results): a running seconds counter on a terminal, a plain
 * line every 10 s elsewhere. The timer never keeps the process alive.
 *
 * @param now milliseconds; given by tests
 */
export function showProgress(stream: ProgressStream = process.stderr, now: () => number = Date.now): Progress {
  let current: { text: string; since: number; timer: NodeJS.Timeout; lastLine: number } | undefined;
  const elapsed = () => (current ? formatSeconds(now() - current.since) : "");
  const clearLine = () => stream.isTTY === true && stream.write("\r\u001b[K");

  const tick = () => {
    if (!current) return;
    if (stream.isTTY === true) {
      stream.write(`\r\u001b[K… ${current.text} (${elapsed()})`);
    } else if (now() - current.lastLine >= lineEverySeconds * 1000) {
      current.lastLine = now();
      stream.write(`… ${current.text} (${elapsed()})\n`);
    }
  };
  const end = (mark: string, text: string) => {
    clearLine();
    stream.write(`${mark} ${text}${current ? ` (${elapsed()})` : ""}\n`);
    if (current) clearInterval(current.timer);
    current = undefined;
  };

  return ({ kind, text }) => {
    switch (kind) {
      case "started":
        if (current) clearInterval(current.timer);
        current = { text, since: now(), timer: setInterval(tick, 1000).unref(), lastLine: now() };
        stream.write(stream.isTTY === true ? `… ${text}` : `… ${text}\n`);
        return;
      case "done":
        end("✓", text);
        return;
      case "failed":
        end("✗", text);
        return;
      case "note":
        clearLine();
        stream.write(`  ${text}\n`);
    }
  };
}
