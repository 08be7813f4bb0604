/** What a runner has, and a job takes, of each kind. */
export const kinds = ["slots", "cpu", "memoryGiB", "io"] as const;
export type Kind = (typeof kinds)[number];

/**
 * A capacity vector: `slots`, jobs at a time; `cpu`, cores; `memoryGiB`; `io`, in shares of what the disk can do.
 * `Infinity` is a kind that is not counted.
 */
export type Capacity = Readonly<Record<Kind, number>>;

/** What a job takes that says nothing: a slot. */
export const oneSlot: Capacity = { slots: 1, cpu: 0, memoryGiB: 0, io: 0 };

/** What a runner has of which only one job at a time is known. */
export const oneJob: Capacity = { slots: 1, cpu: Infinity, memoryGiB: Infinity, io: Infinity };

/** Sums of decimal needs may miss a capacity by a rounding error. */
const ROUNDING = 1e-9;

/** Whether needs fit into what is there. */
export const fits = (needs: Capacity, room: Capacity): boolean =>
  needs.slots <= room.slots + ROUNDING &&
  needs.cpu <= room.cpu + ROUNDING &&
  needs.memoryGiB <= room.memoryGiB + ROUNDING &&
  needs.io <= room.io + ROUNDING;

/** What is left when needs are taken from a capacity; with a sign of -1, when they are given back. */
export const less = (room: Capacity, needs: Capacity, sign: 1 | -1 = 1): Capacity => ({
  slots: room.slots - sign * needs.slots,
  cpu: room.cpu - sign * needs.cpu,
  memoryGiB: room.memoryGiB - sign * needs.memoryGiB,
  io: room.io - sign * needs.io,
});

/** The largest share that needs take of any kind of a capacity (the dominant share of Ghodsi et al., 2011). */
export const dominantShare = (needs: Capacity, of: Capacity): number =>
  kinds.reduce((most, kind) => (needs[kind] > 0 ? Math.max(most, needs[kind] / of[kind]) : most), 0);
