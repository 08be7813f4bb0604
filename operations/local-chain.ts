import { downLocalNetwork, findLocalNetwork, type UpOptions, upLocalNetwork } from "./local-network";
import { pidOf, tieToThisProcess } from "./local-node";

/** A chain of real validators, for whoever needs no more than its address. */
export interface BesuChain {
  readonly name: "chain138";
  /** Of the first validator. */
  readonly rpcUrl: string;
  /** Ends the network if this call started it; the chain's data stay. */
  readonly close: () => Promise<void>;
}

/**
 * The local network as chain 138. One that runs already is used and left running; one that does not is started, and
 * ends with `close`, or with this process.
 *
 * @throws LocalNetworkError
 */
export async function startBesuChain(options: UpOptions): Promise<BesuChain> {
  const before = findLocalNetwork(options.folder);
  const ranBefore = before?.nodes.some((node) => pidOf(node) !== undefined) ?? false;
  const { nodes } = await upLocalNetwork(options);
  const started = findLocalNetwork(options.folder)?.nodes ?? [];
  const untie = ranBefore ? undefined : tieToThisProcess(started);
  return {
    name: "chain138",
    rpcUrl: nodes[0]?.rpcUrl ?? "",
    close: async () => {
      if (untie === undefined) return;
      await downLocalNetwork(options.folder);
      untie();
    },
  };
}
