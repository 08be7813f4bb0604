/** What items see of each other. */
export type Isolation = "independent" | "shared" | "multicall";

/** Every isolation, in the order of the documentation. */
export const isolations: readonly Isolation[] = ["independent", "shared", "multicall"];

/** Who runs the calls: the node, or EVM worker threads here on the node's state. */
export type Backend = "rpc" | "evm";

/**
 * How the calls travel; it follows from isolation and back-end: the fastest that keeps the meaning. A simulation would be
 * faster for independent calls as well, but it runs in a block of its own, with another number and time, and carries state
 * from call to call.
 */
export type Transport = "json-rpc-batch" | "eth_simulateV1" | "aggregate3" | "evm";

/** Fields of an item that an isolation cannot honour. */
export const impossibleFields: Readonly<Record<Isolation, readonly ("from" | "value" | "block")[]>> = {
  independent: [],
  shared: ["block"],
  multicall: ["from", "value", "block"],
};
