import type { Address, Hex } from "viem";
import { numberToHex, padHex } from "viem/utils";

import { MeridianError } from "../errors";
import { encodeExtraData, sortValidators } from "./extra-data";
import { messageLimits, type MessageLimits } from "./message-limits";

/** Address of the deterministic deployment proxy (github.com/Arachnid/deterministic-deployment-proxy) on every chain. */
export const CREATE2_FACTORY_ADDRESS: Address = "0x4e59b44847b379578588920cA78FbF26c0B4956C";

/** Runtime code of that factory: calldata is salt (32 bytes), then init code; it returns the 20-byte address. */
export const CREATE2_FACTORY_CODE: Hex =
  "0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe03601600081602082378035828234f58015156039578182fd5b8082525050506014600cf3";

/** What QBFT requires as `mixHash`: "ctical byzantine fault tolerance" in ASCII. Besu accepts a genesis without it. */
export const QBFT_MIX_HASH: Hex = "0x63746963616c2062797a616e74696e65206661756c7420746f6c6572616e6365";

/** Blocks between two votes resets; Besu's documented value for QBFT. */
export const DEFAULT_EPOCH_LENGTH = 30_000;

/** About 30M with 2 s blocks: one 197 Mgas block took 29 to 56 s with round changes (measured, Besu 26.8.0). */
export const DEFAULT_BLOCK_GAS_LIMIT = 30_000_000n;

/** Every fork by name, all active from block 0. Besu silently ignores a name that it does not know. */
export const FORKS = {
  homesteadBlock: 0,
  eip150Block: 0,
  eip155Block: 0,
  eip158Block: 0,
  byzantiumBlock: 0,
  constantinopleBlock: 0,
  petersburgBlock: 0,
  istanbulBlock: 0,
  berlinBlock: 0,
  londonBlock: 0,
  shanghaiTime: 0,
  cancunTime: 0,
  pragueTime: 0,
  osakaTime: 0,
} as const;

export interface GenesisOptions {
  /** EIP-155 chain id; a positive integer. */
  readonly chainId: number;
  /** The initial validators, in any order. */
  readonly validators: readonly Address[];
  /** Shortest time between two blocks, in seconds; at least 1. */
  readonly blockPeriodSeconds: number;
  /** Timeout of round 0, in seconds; longer than the block period. @default twice the block period */
  readonly requestTimeoutSeconds?: number;
  /** Blocks after which pending votes are dropped. @default 30000 */
  readonly epochLength?: number;
  /** Gas limit of a block. @default 30,000,000 */
  readonly blockGasLimit?: bigint;
}

export interface GenesisAccount {
  readonly balance: Hex;
  readonly nonce?: Hex;
  readonly code?: Hex;
}

/** A Besu genesis file, as JSON. */
export interface Genesis {
  readonly config: typeof FORKS & {
    readonly chainId: number;
    readonly zeroBaseFee: true;
    readonly qbft: {
      readonly blockperiodseconds: number;
      readonly epochlength: number;
      readonly requesttimeoutseconds: number;
    } & MessageLimits;
  };
  readonly nonce: Hex;
  readonly timestamp: Hex;
  readonly gasLimit: Hex;
  readonly difficulty: Hex;
  readonly mixHash: Hex;
  readonly coinbase: Address;
  readonly extraData: Hex;
  readonly alloc: Readonly<Record<Address, GenesisAccount>>;
}

/** Settings that make no QBFT genesis, or one that Besu would accept and then run badly. */
export class InvalidGenesisError extends MeridianError {
  override readonly name = "InvalidGenesisError";
}

/**
 * The genesis of a QBFT chain with a zero base fee, and the CREATE2 factory at its well-known address.
 *
 * The same validators in any order give the same genesis. Accepted by Besu 26.8.0 (vectors in tests/unit/besu).
 *
 * @throws {InvalidGenesisError} for a number out of its range.
 * @throws {InvalidValidatorSetError} for an empty set or a validator named twice.
 */
export function createGenesis(options: GenesisOptions): Genesis {
  const { chainId, blockPeriodSeconds, epochLength = DEFAULT_EPOCH_LENGTH } = options;
  const { requestTimeoutSeconds = 2 * blockPeriodSeconds, blockGasLimit = DEFAULT_BLOCK_GAS_LIMIT } = options;
  requireInteger("chainId", chainId, 1);
  requireInteger("blockPeriodSeconds", blockPeriodSeconds, 1);
  // 0 is accepted by Besu and floods the log; a timeout within the block period changes rounds on a healthy chain.
  requireInteger("requestTimeoutSeconds", requestTimeoutSeconds, blockPeriodSeconds + 1);
  requireInteger("epochLength", epochLength, 1);
  const validators = sortValidators(options.validators);

  return {
    config: {
      chainId,
      ...FORKS,
      zeroBaseFee: true,
      qbft: {
        blockperiodseconds: blockPeriodSeconds,
        epochlength: epochLength,
        requesttimeoutseconds: requestTimeoutSeconds,
        ...messageLimits(validators.length),
      },
    },
    nonce: "0x0",
    timestamp: "0x0",
    gasLimit: numberToHex(blockGasLimit),
    difficulty: "0x1",
    mixHash: QBFT_MIX_HASH,
    coinbase: padHex("0x", { size: 20 }),
    extraData: encodeExtraData(validators),
    alloc: createAlloc(validators),
  };
}

function createAlloc(validators: readonly Address[]): Record<Address, GenesisAccount> {
  const alloc: Record<Address, GenesisAccount> = {};
  for (const validator of validators) {
    // 1 wei: an empty proposer account is deleted after each transaction of a zero-fee chain, which Besu counts as
    // a conflict, so that no transaction would ever be executed in parallel (measured, Besu 26.8.0).
    alloc[validator] = { balance: "0x1" };
  }
  alloc[CREATE2_FACTORY_ADDRESS.toLowerCase() as Address] = {
    balance: "0x0",
    nonce: "0x1",
    code: CREATE2_FACTORY_CODE,
  };
  return alloc;
}

function requireInteger(name: string, value: number, least: number): void {
  if (!Number.isSafeInteger(value) || value < least) {
    throw new InvalidGenesisError(`${name} is ${value}. Give a whole number of at least ${least}.`);
  }
}
