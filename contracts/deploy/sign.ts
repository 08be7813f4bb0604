import type { Address, Hex } from "viem";
import { formatEther, hexToBigInt, keccak256, numberToHex, parseTransaction } from "viem/utils";
import { CREATE2_FACTORY_ADDRESS } from "../../besu/genesis";
import { rpcMessageOf, type ChainClient } from "../client";
import { ContractsError } from "../errors";
import { TRANSACTION_GAS_CAP } from "../gas";
import type { Signer } from "../signers/signer";
import type { Progress } from "../program";
import { boundedFees, currentFees, type Fees } from "./fees";
import { subjectOf, transactionFor, type Intent } from "./intent";
import type { Journal } from "./journal";
import type { SignedLine } from "./journal-lines";
import { killPoint } from "./kill-points";
import type { Look } from "./look";
import type { SendPolicy } from "./policy";

/** Everything that the work under the lock needs. */
export interface SignContext {
  readonly client: ChainClient;
  readonly chainId: number;
  readonly journal: Journal;
  readonly account: Signer;
  readonly policy: SendPolicy;
  readonly progress: Progress;
}

/** What is to be signed. */
export interface Job {
  readonly intent: Intent;
  /** @default the node's estimate */
  readonly gas?: bigint | undefined;
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

/**
 * Signs transactions and writes them down, in the order given: all of them are on the disk before one is sent.
 *
 * @param nonces one for each
 * @throws {GasCapError}, {DeploymentWouldFailError}, {FeeBoundError}, {UnfundedDeployerError} before anything is signed
 */
export async function signAll(
  context: SignContext,
  jobs: readonly Job[],
  nonces: readonly number[],
  { asked, balance }: Look,
): Promise<SignedLine[]> {
  const calls = await Promise.all(jobs.map((job) => callFor(context, job)));
  const fees = boundedFees(asked.baseFee, asked.tip, context.policy.bounds);
  const needed = calls.reduce((sum, call) => sum + costOf(call, fees), 0n);
  requireFunds(context.account.address, balance, needed, calls.length);
  const signed = await Promise.all(calls.map((call, index) => sign(context, nonces[index] ?? 0, call, fees)));
  return record(context, signed);
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

const costOf = ({ gas, value }: Call, { maxFeePerGas }: Fees): bigint => gas * maxFeePerGas + (value ?? 0n);

/** Signs one transaction, if it can be paid, and writes it down. */
async function signAndRecord(context: SignContext, nonce: number, call: Call, given?: Fees): Promise<SignedLine> {
  const { client, account, policy } = context;
  const fees = given ?? (await currentFees(client, policy.bounds));
  const balance = await client.request({ method: "eth_getBalance", params: [account.address, "latest"] });
  requireFunds(account.address, hexToBigInt(balance), costOf(call, fees), 1);
  const [line] = record(context, [await sign(context, nonce, call, fees)]);
  if (line === undefined) throw new Error("one transaction is one line");
  return line;
}

async function sign(context: SignContext, nonce: number, call: Call, fees: Fees): Promise<Omit<SignedLine, "at">> {
  const { account, chainId } = context;
  killPoint("before-sign");
  const { name, address, call: digest, ...request } = call;
  const transaction = await account.signTransaction({ ...request, ...fees, type: "eip1559", chainId, nonce });
  killPoint("after-sign");
  const subject = { name, ...(address && { address }), ...(digest && { call: digest }) };
  return { type: "signed", sender: account.address, nonce, hash: keccak256(transaction), ...subject, transaction };
}

/** Has signed transactions on the disk before anybody else can see one. */
function record({ journal }: SignContext, lines: readonly Omit<SignedLine, "at">[]): SignedLine[] {
  const recorded = journal.appendAll<SignedLine>(lines);
  recorded.forEach(() => killPoint("after-journal"));
  return recorded;
}

async function callFor({ client, account }: SignContext, { intent, gas: simulated }: Job): Promise<Call> {
  const request = transactionFor(intent);
  const estimate = simulated ?? (await estimateGas(client, account.address, request, intent));
  if (estimate > TRANSACTION_GAS_CAP) throw gasCapError(intent, `${estimate}`);
  const withMargin = (estimate * (100n + GAS_MARGIN_PERCENT)) / 100n;
  const gas = withMargin < TRANSACTION_GAS_CAP ? withMargin : TRANSACTION_GAS_CAP;
  return { ...subjectOf(intent), ...request, gas };
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

function requireFunds(address: Address, balance: bigint, needed: bigint, transactions: number): void {
  if (balance >= needed) return;
  const what = transactions === 1 ? "this transaction" : `these ${transactions} transactions`;
  throw new UnfundedDeployerError(
    `The deployer ${address} has ${formatEther(balance)} ETH; ${what} may cost ${formatEther(needed)}.`,
    "Nothing was sent. Fund the account.",
  );
}
