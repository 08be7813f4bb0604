import type { Work } from "../clock/virtual-clock";

/** Work that holds a slot for a while and then gives a value. */
export const after = <T>(durationMs: number, finish: () => T | Promise<T>): Work<T> => ({ durationMs, finish });
