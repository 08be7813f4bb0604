import { sampleMs } from "../azure/latency";
import { normal } from "../azure/seeded";
import table from "./latency.json";

/** What is waited for: an answer, an operation on a cluster or a pool, a command in a cluster, a validator's start. */
export type Waited = "request" | "start" | "stop" | "pool" | "command" | "boot";

/** Milliseconds that something takes; a pure function of its arguments. */
export type Latencies = (kind: Waited, what: string) => number;

/**
 * Latencies by seed.
 *
 * @param speed divides every one of them, so that a rehearsal of minutes takes seconds; above 0
 */
export const seededLatencies =
  (seed: number, speed: number): Latencies =>
  (kind, what) =>
    sampleMs(table[kind], 1 / speed, normal(`${seed}/${kind}/${what}`));
