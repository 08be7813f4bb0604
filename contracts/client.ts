import { createClient, http, type Client, type Hex, type HttpTransport } from "viem";
import { getBlock, getChainId, getCode } from "viem/actions";
import { ContractsError, messageOf } from "./errors";
import { CREATE2_FACTORY_ADDRESS, CREATE2_FACTORY_CODE } from "../besu/genesis";
import { batchingFetch } from "./batching-fetch";

/** A connection to one node over HTTP. */
export type ChainClient = Client<HttpTransport>;

/** One request may take this long, and is tried again after a lost connection, 429 or 5xx: five times within 5 s. */
const REQUEST_TIMEOUT_MS = 15_000;
const REQUEST_RETRIES = 5;
/** Requests of one HTTP body: Besu takes 1,024 (--rpc-http-max-batch-size), others fewer (contracts/batch/limits.ts). */
const MOST_REQUESTS = 100;

/** The node is one of another chain. */
export class WrongChainError extends ContractsError {}

/** There is no CREATE2 factory at its address, or something else is. */
export class FactoryError extends ContractsError {}

/**
 * Connects to a node; nothing is sent yet. What is asked at one moment (by Promise.all) goes in one HTTP request.
 * @param timeout of one request, in milliseconds
 */
export function connect(
  url: string,
  retryCount: number = REQUEST_RETRIES,
  timeout: number = REQUEST_TIMEOUT_MS,
): ChainClient {
  const batch = { batchSize: MOST_REQUESTS };
  return createClient({ transport: http(url, { retryCount, timeout, batch, fetchFn: batchingFetch() }) });
}

/** Checks that the node belongs to the chain. @throws {WrongChainError} */
export async function requireChain(client: ChainClient, chainId: number, name: string): Promise<void> {
  const found = await getChainId(client);
  if (found !== chainId) {
    throw new WrongChainError(
      `The node for ${name} answers with chain id ${found} instead of ${chainId}.`,
      `Point the RPC address of ${name} at a node of that chain.`,
    );
  }
}

/** Checks that the well-known CREATE2 factory is where addresses are predicted from. @throws {FactoryError} */
export async function requireFactory(client: ChainClient): Promise<void> {
  const code = await getCode(client, { address: CREATE2_FACTORY_ADDRESS });
  if (code === undefined) {
    throw new FactoryError(
      `There is no CREATE2 factory at ${CREATE2_FACTORY_ADDRESS}.`,
      "Put it into the genesis alloc.",
    );
  }
  if (code !== CREATE2_FACTORY_CODE) {
    throw new FactoryError(
      `The code at ${CREATE2_FACTORY_ADDRESS} is not the known CREATE2 factory.`,
      "Correct the genesis.",
    );
  }
}

/** Hash of block 0: it tells a chain from one of the same id that was begun anew. */
export async function genesisHashOf(client: ChainClient): Promise<Hex> {
  const { hash } = await getBlock(client, { blockNumber: 0n });
  return hash;
}

/** The node's own words of an RPC error, without the library's frame around it; the code of a failed connection. */
export function rpcMessageOf(error: unknown): string {
  const { details, cause } = error as { details?: unknown; cause?: unknown };
  const code = cause === undefined ? undefined : connectionCodeOf(cause);
  if (code !== undefined) return `no connection: ${code}`;
  return typeof details === "string" && details !== "" ? details : messageOf(error);
}

/** `ECONNREFUSED` and the like, from the innermost cause. */
function connectionCodeOf(error: unknown): string | undefined {
  const { code, cause } = error as { code?: unknown; cause?: unknown };
  if (typeof code === "string") return code;
  return cause === undefined || cause === null ? undefined : connectionCodeOf(cause);
}
