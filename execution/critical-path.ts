import type { TransactionAccess } from "./access-list";

/** How much a block can gain by threads at all. */
export interface Bound {
  readonly totalGas: bigint;
  /** Gas of the longest chain of transactions that each read what the one before wrote. */
  readonly criticalPathGas: bigint;
}

/**
 * The longest chain of reads after writes, in gas. Writes without a read need no order, since versions are kept; nor
 * do payments into a balance, until somebody reads it.
 */
export function boundOf(accesses: readonly TransactionAccess[]): Bound {
  const writtenAt = new Map<string, bigint>();
  const paidAt = new Map<string, bigint>();
  let totalGas = 0n;
  let criticalPathGas = 0n;
  for (const { gasUsed, reads, writes, credits } of accesses) {
    let end = 0n;
    for (const key of reads) end = latest(end, writtenAt.get(key), paidAt.get(key));
    end += gasUsed;
    for (const key of writes) {
      writtenAt.set(key, end);
      paidAt.delete(key);
    }
    for (const key of credits) paidAt.set(key, latest(end, paidAt.get(key)));
    totalGas += gasUsed;
    criticalPathGas = latest(criticalPathGas, end);
  }
  return { totalGas, criticalPathGas };
}

const latest = (first: bigint, ...others: readonly (bigint | undefined)[]): bigint =>
  others.reduce<bigint>((most, each) => (each !== undefined && each > most ? each : most), first);

/**
 * The most that `threads` can speed a block up: no schedule ends before its longest chain, nor before all the work,
 * evenly shared, is done. Gas stands for time.
 */
export const mostSpeedup = ({ totalGas, criticalPathGas }: Bound, threads: number): number =>
  totalGas === 0n ? 1 : Math.min(threads, Number(totalGas) / Number(criticalPathGas));
