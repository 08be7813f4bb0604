import type { Address, Hex } from "viem";
import type { CodeRange } from "./compiler";

/** A library's address, and where in the creation code it goes. */
export interface Link extends CodeRange {
  readonly address: Address;
}

/** Puts libraries' addresses into creation code, at whole bytes. Pure. */
export const linked = (code: Hex, links: readonly Link[]): Hex =>
  links.reduce<Hex>((before, { start, length, address }) => {
    const [from, to] = [2 + 2 * start, 2 + 2 * (start + length)];
    return `0x${before.slice(2, from)}${address.slice(2).toLowerCase()}${before.slice(to)}`;
  }, code);
