import { type Common, createCustomCommon, type CustomCrypto, Hardfork, Mainnet } from "@ethereumjs/common";
import secp256k1 from "secp256k1";

/** Native libsecp256k1 in place of EthereumJS's JavaScript. */
const customCrypto: CustomCrypto = {
  ecrecover(hash, v, r, s, chainId) {
    const recovery = v < 2n ? v : chainId === undefined ? v - 27n : v - (chainId * 2n + 35n);
    if (recovery !== 0n && recovery !== 1n) throw new Error("Invalid signature v value");
    const signature = new Uint8Array(64);
    signature.set(r, 32 - r.length);
    signature.set(s, 64 - s.length);
    return secp256k1.ecdsaRecover(signature, Number(recovery), hash, false).subarray(1);
  },
};

/** Hard forks whose transactions can be executed: since Cancun no transaction removes storage that was there before. */
export const hardforks = [Hardfork.Cancun, Hardfork.Prague, Hardfork.Osaka] as const;

export interface ChainRules {
  readonly chainId: number;
  /** @default osaka, as the network's genesis has it */
  readonly hardfork?: (typeof hardforks)[number];
}

/**
 * EthereumJS's rules of a chain, for one thread. Every transaction copies its rules and adds its parameters to them,
 * which takes longer than the rest of reading it; these are not copied, and take each set of parameters once.
 */
export function commonOf({ chainId, hardfork = Hardfork.Osaka }: ChainRules): Common {
  const common = createCustomCommon({ chainId }, Mainnet, { hardfork, customCrypto });
  const taken = new Set<unknown>();
  const updateParams = common.updateParams.bind(common);
  common.copy = () => common;
  common.updateParams = (params) => {
    if (!taken.has(params)) updateParams(params);
    taken.add(params);
  };
  return common;
}
