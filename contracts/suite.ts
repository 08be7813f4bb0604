/** A chain that the suite knows. Logical names begin with it. */
export type ChainName = "chain138" | "chain1";

/** The nine contracts. */
export type ContractName =
  | "Multicall3"
  | "WETH9"
  | "WETH10"
  | "CCIPRouter"
  | "CCIPWETH9Bridge"
  | "CCIPWETH10Bridge"
  | "OracleAggregator"
  | "OracleProxy"
  | "MultiSig";

/** What is the same for every contract of one deployment and decided by its user. */
export interface SuiteSettings {
  /** Account that owns what has an owner; the CREATE2 factory is msg.sender in a constructor, so it is explicit. */
  readonly owner: `0x${string}`;
  /** Owners of the MultiSig. @default the owner alone */
  readonly signers?: readonly `0x${string}`[];
  /** Confirmations that the MultiSig wants. @default more than half of the signers */
  readonly threshold?: number;
}

/** A constructor argument: the address of another contract, a setting, a value, or one value a chain. */
export type ConstructorArgument =
  | { readonly kind: "reference"; readonly contract: ContractName }
  | { readonly kind: "setting"; readonly setting: keyof SuiteSettings }
  | { readonly kind: "value"; readonly value: string | number | bigint }
  | { readonly kind: "byChain"; readonly values: Readonly<Record<ChainName, string | number | bigint>> };

/** Label of a contract's place in the story; the order comes from the graph alone. */
export type Phase = "independent" | "router" | "bridges" | "oracle and multisig";

export interface SuiteContract {
  readonly name: ContractName;
  /** The name inside logical names: `chain138-<slug>`. */
  readonly slug: string;
  readonly phase: Phase;
  readonly arguments: readonly ConstructorArgument[];
  /** Contracts that must be there first although no argument names them. */
  readonly after: readonly ContractName[];
  readonly chains: readonly ChainName[];
}

const reference = (contract: ContractName): ConstructorArgument => ({ kind: "reference", contract });
const setting = (name: keyof SuiteSettings): ConstructorArgument => ({ kind: "setting", setting: name });
const value = (given: string | number): ConstructorArgument => ({ kind: "value", value: given });

const both: readonly ChainName[] = ["chain138", "chain1"];
const independent: readonly ContractName[] = ["Multicall3", "WETH9", "WETH10"];

/** Chain ids, by name. */
export const chainIds: Readonly<Record<ChainName, number>> = { chain138: 138, chain1: 1 };

/**
 * CCIP's chain selectors. Mainnet's is Chainlink's (smartcontractkit/chain-selectors, evm/1, 2025). Chain 138 talks
 * to its private pair only, and its chain id serves as selector.
 */
const chainSelectors: Readonly<Record<ChainName, bigint>> = { chain138: 138n, chain1: 5009297550715157269n };

/** The suite: chain 138 gets all nine contracts, chain 1 all but the oracle. */
export const suite: readonly SuiteContract[] = [
  { name: "Multicall3", slug: "multicall3", phase: "independent", arguments: [], after: [], chains: both },
  { name: "WETH9", slug: "weth9", phase: "independent", arguments: [], after: [], chains: both },
  { name: "WETH10", slug: "weth10", phase: "independent", arguments: [], after: [], chains: both },
  {
    name: "CCIPRouter",
    slug: "ccip-router",
    phase: "router",
    arguments: [setting("owner"), { kind: "byChain", values: chainSelectors }],
    after: independent,
    chains: both,
  },
  {
    name: "CCIPWETH9Bridge",
    slug: "ccip-weth9-bridge",
    phase: "bridges",
    arguments: [setting("owner"), reference("CCIPRouter"), reference("WETH9")],
    after: [],
    chains: both,
  },
  {
    name: "CCIPWETH10Bridge",
    slug: "ccip-weth10-bridge",
    phase: "bridges",
    arguments: [setting("owner"), reference("CCIPRouter"), reference("WETH10")],
    after: [],
    chains: both,
  },
  {
    name: "OracleAggregator",
    slug: "oracle-aggregator",
    phase: "oracle and multisig",
    arguments: [setting("owner"), value(8), value("ETH / USD")],
    after: [],
    chains: ["chain138"],
  },
  {
    name: "OracleProxy",
    slug: "oracle-proxy",
    phase: "oracle and multisig",
    arguments: [setting("owner"), reference("OracleAggregator")],
    after: [],
    chains: ["chain138"],
  },
  {
    name: "MultiSig",
    slug: "multisig",
    phase: "oracle and multisig",
    arguments: [setting("signers"), setting("threshold")],
    after: [],
    chains: both,
  },
];
