import { createTxFromRLP, type TypedTransaction } from "@ethereumjs/tx";
import type { Common } from "@ethereumjs/common";

/** Reads a signed transaction. @throws Error that says what is wrong with it */
export const decodeTransaction = (bytes: Uint8Array, common: Common): TypedTransaction =>
  createTxFromRLP(bytes, { common, freeze: false });
