import type { Sink, Write } from "./sink";

const CLEAR = "\r\u001b[K";
/** A terminal need not see every item. */
const EVERY_MS = 100;

/** One changing line on a terminal; `clear` makes room for what another sink writes. */
export function progressSink(write: Write): Sink & { readonly clear: () => void } {
  let done = 0;
  let bad = 0;
  let total = 0;
  let shownAt = 0;
  const clear = (): void => {
    if (shownAt > 0) write(CLEAR);
  };
  return {
    clear,
    begin: (_, count) => (total = count),
    item: ({ passed }) => {
      done += 1;
      if (!passed) bad += 1;
      if (performance.now() - shownAt < EVERY_MS) return;
      shownAt = performance.now();
      write(`${CLEAR}… ${done} of ${total}, ${bad} not passed`);
    },
    end: clear,
  };
}
