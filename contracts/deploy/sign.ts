import type { Address, Hex } from "viem";
import { formatEther, hexToBigInt, keccak256, numberToHex, parseTransaction } from "viem/utils";
import { CREATE2_FACTORY_ADDRESS } from "../../besu/genesis";
import { rpcMessageOf, type ChainClient } from "../client";
import { ContractsError } from "../errors";
import { TRANSACTION_GAS_CAP } from "../gas";
import type { Signer } from "../signers/signer";
import { currentFees, type Fees } from "./fees";
import { subjectOf, transactionFor, type Intent } from "./intent";
import type { Journal } from "./journal";
import type { SignedLine } from "./journal-lines";
import { killPoint } from "./kill-points";
import type { SendPolicy } from "./policy";

/** Everything that the work under the lock needs. */
export interface SignContext {
  readonly client: ChainClient;
  readonly journal: Journal;
  readonly account: Signer;
  readonly planned: Intent;
  /** Gas of its deployment, where it was simulated together with what it needs. @default the node's estimate */
  readonly simulatedGas?: bigint;
  readonly policy: SendPolicy;
  readonly progress: (line: string) => void;
}

/** What is to be signed, but for nonce and fees. */
interface Call {
  readonly name: string;
  readonly to: Address;
  readonly data: Hex;
  readonly gas: bigint;
  /** Wei. */
  readonly value?: bigint;
  /** Where the contract will be, or which call it is. */
  readonly address?: Address;
  readonly call?: Hex;
}

/** Deployment needs more gas than a transaction may have. */
export class GasCapError extends ContractsError {}

/** The deployer cannot pay. */
export class UnfundedDeployerError extends ContractsError {}

/** The transaction would fail although the constructor alone does not. */
export class DeploymentWouldFailError extends ContractsError {}

/** Room above the estimate, in percent: the state may change a little until the block. */
const GAS_MARGIN_PERCENT = 10n;
const PLAIN_TRANSFER_GAS = 21_000n;

/** Signs the deployment with a nonce and writes it down. */
export async function signDeployment(context: SignContext, nonce: number): Promise<SignedLine> {
  return signAndRecord(context, nonce, await deploymentCall(context));
}

/**
 * Signs the same call with the same nonce and other fees; two transactions of one nonce are never both mined.
 * @param fees those of today by default
 */
export async function signAgain(context: SignContext, line: SignedLine, fees?: Fees): Promise<SignedLine> {
  const { to, data, gas, value } = parseTransaction(line.transaction);
  const call = {
    name: line.name,
    to: to ?? CREATE2_FACTORY_ADDRESS,
    data: data ?? "0x",
    gas: gas ?? TRANSACTION_GAS_CAP,
    value,
    address: line.address,
    call: line.call,
  };
  return signAndRecord(context, line.nonce, call, fees);
}

/** Signs a transaction that does nothing but use a nonce. */
export function signNothing(context: SignContext, nonce: number): Promise<SignedLine> {
  const to = context.account.address;
  return signAndRecord(context, nonce, { name: "gap", to, data: "0x", gas: PLAIN_TRANSFER_GAS });
}

/** Signs, and has the signed transaction on the disk before anybody else can see it. */
async function signAndRecord(context: SignContext, nonce: number, call: Call, given?: Fees): Promise<SignedLine> {
  const { client, journal, account, planned, policy } = context;
  const fees = given ?? (await currentFees(client, policy.bounds));
  await requireFunds(client, account.address, call.gas * fees.maxFeePerGas + (call.value ?? 0n));
  killPoint("before-sign");
  const { name, address, call: digest, ...request } = call;
  const { chainId } = planned;
  const transaction = await account.signTransaction({ ...request, ...fees, type: "eip1559", chainId, nonce });
  killPoint("after-sign");
  const hash = keccak256(transaction);
  const line = {
    type: "signed",
    name,
    sender: account.address,
    nonce,
    hash,
    ...(address && { address }),
    ...(digest && { call: digest }),
  } as const;
  const recorded = journal.append<SignedLine>({ ...line, transaction });
  killPoint("after-journal");
  return recorded;
}

async function deploymentCall({ client, account, planned, simulatedGas }: SignContext): Promise<Call> {
  const request = transactionFor(planned);
  const estimate = simulatedGas ?? (await estimateGas(client, account.address, request, planned));
  if (estimate > TRANSACTION_GAS_CAP) throw gasCapError(planned, `${estimate}`);
  const withMargin = (estimate * (100n + GAS_MARGIN_PERCENT)) / 100n;
  const gas = withMargin < TRANSACTION_GAS_CAP ? withMargin : TRANSACTION_GAS_CAP;
  return { ...subjectOf(planned), ...request, gas };
}

const gasCapError = (planned: Intent, needed: string): GasCapError =>
  new GasCapError(
    `${planned.name} needs ${needed} gas to deploy; a transaction may use ${TRANSACTION_GAS_CAP} (EIP-7825).`,
    "Nothing was sent. Make the contract or its constructor smaller.",
  );

async function estimateGas(
  client: ChainClient,
  from: Address,
  { to, data, value }: ReturnType<typeof transactionFor>,
  planned: Intent,
): Promise<bigint> {
  try {
    const call = { from, to, data, ...(value > 0n && { value: numberToHex(value) }) };
    return hexToBigInt(await client.request({ method: "eth_estimateGas", params: [call] }));
  } catch (error) {
    const words = rpcMessageOf(error);
    if (/gas.*(cap|limit|exceed|required)|out of gas|intrinsic gas too high/i.test(words)) {
      throw gasCapError(planned, `more than the node allows (it says: ${words}) of`);
    }
    throw new DeploymentWouldFailError(
      `The deployment of ${planned.name} would fail although its constructor does not revert (the node: ${words}).`,
      "Nothing was sent. Its code may be larger than the chain accepts, or it needs more gas than a transaction may use.",
    );
  }
}

async function requireFunds(client: ChainClient, address: Address, needed: bigint): Promise<void> {
  if (needed === 0n) return;
  const balance = hexToBigInt(await client.request({ method: "eth_getBalance", params: [address, "latest"] }));
  if (balance < needed) {
    throw new UnfundedDeployerError(
      `The deployer ${address} has ${formatEther(balance)} ETH; this transaction may cost ${formatEther(needed)}.`,
      "Nothing was sent. Fund the account.",
    );
  }
}
