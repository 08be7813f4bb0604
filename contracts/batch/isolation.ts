/** What items see of each other. */
export type Isolation = "independent" | "shared" | "multicall";

/** Every isolation, in the order of the documentation. */
export const isolations: readonly Isolation[] = ["independent", "shared", "multicall"];

/** How the calls travel; it follows from the isolation. */
export type Transport = "json-rpc-batch" | "eth_simulateV1" | "aggregate3";

/**
 * The fastest transport that keeps the meaning. A simulation would be faster for independent calls as well, but it
 * runs in a block of its own, with another number and time, and carries state from call to call.
 */
export const transportOf: Readonly<Record<Isolation, Transport>> = {
  independent: "json-rpc-batch",
  shared: "eth_simulateV1",
  multicall: "aggregate3",
};

/** Fields of an item that an isolation cannot honour. */
export const impossibleFields: Readonly<Record<Isolation, readonly ("from" | "value" | "block")[]>> = {
  independent: [],
  shared: ["block"],
  multicall: ["from", "value", "block"],
};
