import type { Hex } from "viem";
import { keccak256, padHex, toRlp } from "viem/utils";

import type { Genesis } from "./genesis";
import { EMPTY_TRIE_ROOT, stateRoot, toScalar } from "./state-root";

/** Hash of a block without uncles: keccak256(RLP of the empty list). */
const NO_UNCLES: Hex = "0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347";

/** EIP-7685: hash of no requests, sha256 of nothing. */
const NO_REQUESTS: Hex = "0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/** 1 gwei: Besu writes it into block 0 even where `zeroBaseFee` makes it 0 from block 1 on (GenesisConfig.java). */
const GENESIS_BASE_FEE: Hex = "0x3b9aca00";

/** Block 0 has no parent, and no parent on a beacon chain. */
const ZERO_HASH = padHex("0x", { size: 32 });

/** Bytes of a header's bloom filter. */
const BLOOM_BYTES = 256;

/**
 * The hash of block 0, by which nodes know whether they are of one chain: what `eth_getBlockByNumber` answers for 0.
 *
 * The header of a chain on which every fork up to Osaka is active from the start; equal to what Besu 26.8.0 reported
 * (vectors in tests/unit/besu). Neither QBFT's timing nor the chain id is in it.
 */
export function genesisHash(genesis: Genesis): Hex {
  return keccak256(
    toRlp([
      ZERO_HASH,
      NO_UNCLES,
      genesis.coinbase,
      stateRoot(genesis.alloc),
      EMPTY_TRIE_ROOT,
      EMPTY_TRIE_ROOT,
      padHex("0x", { size: BLOOM_BYTES }),
      toScalar(genesis.difficulty),
      toScalar("0x0"),
      toScalar(genesis.gasLimit),
      toScalar("0x0"),
      toScalar(genesis.timestamp),
      genesis.extraData,
      genesis.mixHash,
      padHex(toScalar(genesis.nonce), { size: 8 }),
      GENESIS_BASE_FEE,
      EMPTY_TRIE_ROOT,
      toScalar("0x0"),
      toScalar("0x0"),
      ZERO_HASH,
      NO_REQUESTS,
    ]),
  );
}
