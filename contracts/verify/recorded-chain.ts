import { SourcifyChain } from "@ethereum-sourcify/lib-sourcify";
import type { Address, Hex } from "viem";
import type { ChainClient } from "../client";
import { ContractsError } from "../errors";
import { CREATE2_FACTORY_ADDRESS } from "../../besu/genesis";

/** The creation transaction is none of the CREATE2 factory. */
export class NotByFactoryError extends ContractsError {}

const SALT_DIGITS = 64;

/**
 * A chain as lib-sourcify sees it, over our own connection. The library would look for the creation bytecode in a
 * trace; the input of a call of the factory is salt and init code, so no tracing node is needed.
 */
export class RecordedChain extends SourcifyChain {
  constructor(
    private readonly client: ChainClient,
    name: string,
    chainId: number,
    /** What the chain has at the contract's address. */
    private readonly runtimeCode: Hex,
  ) {
    // The library wants an address although every request goes through `client`.
    super({ name, chainId, rpcs: [{ rpc: client.transport.url ?? "" }], supported: true });
  }

  override getBytecode = (): Promise<string> => Promise.resolve(this.runtimeCode);

  override getTx: SourcifyChain["getTx"] = async (hash) => {
    const transaction = await this.client.request({ method: "eth_getTransactionByHash", params: [hash as Hex] });
    const blockNumber = Number(transaction?.blockNumber ?? 0);
    // Only these three fields are read (lib-sourcify 3.4.0, Verification.verify).
    const read = { blockNumber, from: transaction?.from, to: transaction?.to, data: transaction?.input };
    return read as unknown as Awaited<ReturnType<SourcifyChain["getTx"]>>;
  };

  override getContractCreationBytecodeAndReceipt: SourcifyChain["getContractCreationBytecodeAndReceipt"] = async (
    address,
    hash,
  ) => {
    const { to, data } = (await this.getTx(hash)) as { to: Address | null; data: Hex };
    if (to?.toLowerCase() !== CREATE2_FACTORY_ADDRESS.toLowerCase()) {
      throw new NotByFactoryError(`${hash} did not create ${address} through the factory.`, "Correct the journal.");
    }
    const creationBytecode = `0x${data.slice(2 + SALT_DIGITS)}`;
    const txReceipt = { index: 0 } as unknown as Awaited<
      ReturnType<SourcifyChain["getContractCreationBytecodeAndReceipt"]>
    >["txReceipt"];
    return { creationBytecode, txReceipt };
  };
}
