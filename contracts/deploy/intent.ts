import type { Address, Hex } from "viem";
import { CREATE2_FACTORY_ADDRESS } from "../../besu/genesis";
import type { PlannedCall } from "../calls";
import { factoryCall, type PlannedContract } from "../plan";
import type { SignedLine } from "./journal-lines";

/** What a transaction is for: a contract, or a call after deployment. */
export type Intent = PlannedContract | PlannedCall;

/** Whether it is a call. */
export const isCall = (intent: Intent): intent is PlannedCall => "digest" in intent;

/** What the journal says of it: where the contract will be, or which call it is. */
export const subjectOf = (intent: Intent): Pick<SignedLine, "name" | "address" | "call"> =>
  isCall(intent) ? { name: intent.name, call: intent.digest } : { name: intent.name, address: intent.address };

/** Whether a line of the journal is about it. */
export const isAbout = (line: Pick<SignedLine, "address" | "call">, intent: Intent): boolean =>
  isCall(intent) ? line.call === intent.digest : line.address === intent.address;

/** What is sent for it: a call of the factory, or the call itself. */
export const transactionFor = (intent: Intent): { to: Address; data: Hex; value: bigint } =>
  isCall(intent)
    ? { to: intent.to, data: intent.data, value: intent.value }
    : { to: CREATE2_FACTORY_ADDRESS, data: factoryCall(intent), value: 0n };
