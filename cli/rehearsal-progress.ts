import type { TraceEntry, VirtualClock } from "../rehearsal/clock/virtual-clock";
import { formatDuration, nameOf } from "../rehearsal/report/format";
import type { ProgressStream } from "../toolchain/progress";

/** Operations between two lines where there is no terminal. */
const lineEvery = 20;
const widest = 110;

/** Shows how far a rehearsal is: one line that changes on a terminal, a line now and then elsewhere. */
export const rehearsalProgress = (stream: ProgressStream = process.stderr) => {
  let done = 0;
  let failed = 0;
  return {
    show: (clock: VirtualClock, entry?: TraceEntry): void => {
      if (entry !== undefined) done += 1;
      if (entry?.outcome === "failed") failed += 1;
      const running = clock.runningUrns.map(nameOf);
      const counts = `${done} done${failed > 0 ? `, ${failed} failed` : ""}`;
      const line = `… ${formatDuration(clock.nowMs)} virtual, ${counts}, ${running.length} running`;
      if (stream.isTTY === true) {
        stream.write(`\r\u001b[K${`${line}: ${running.join(", ")}`.slice(0, widest)}`);
      } else if (entry !== undefined && done % lineEvery === 0) stream.write(`${line}\n`);
    },
    clear: (): void => {
      if (stream.isTTY === true) stream.write("\r\u001b[K");
    },
  };
};
