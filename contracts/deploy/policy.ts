import { parseGwei } from "viem/utils";
import type { FeeBounds } from "./fees";

/** How transactions are paid for, replaced, and counted as done. */
export interface SendPolicy {
  readonly bounds: FeeBounds;
  /** Blocks after which a transaction that is next in line and in no block is signed anew with higher fees. */
  readonly replaceAfterBlocks: number;
  /** Depth from which a deployment counts: 1 is the newest block. */
  readonly confirmations: number;
}

/** A policy as people write it; each figure may be left out. */
export interface PolicySettings {
  /** In gwei for a gas. @default 500 */
  readonly maxFeeGwei?: number | undefined;
  /** In gwei for a gas. @default 50 */
  readonly maxPriorityFeeGwei?: number | undefined;
  /** @default 6: as long as the doubled base fee lasts (fees.ts) */
  readonly replaceAfterBlocks?: number | undefined;
  /** @default 1: QBFT blocks are final */
  readonly confirmations?: number | undefined;
}

/** A policy out of its settings. */
export const policyOf = (settings: PolicySettings = {}): SendPolicy => ({
  bounds: {
    maxFeePerGas: gwei(settings.maxFeeGwei ?? 500),
    maxPriorityFeePerGas: gwei(settings.maxPriorityFeeGwei ?? 50),
  },
  replaceAfterBlocks: settings.replaceAfterBlocks ?? 6,
  confirmations: settings.confirmations ?? 1,
});

/** Not in exponents: 1e-7 gwei is 100 wei. */
const gwei = (amount: number): bigint => parseGwei(amount.toFixed(9));
