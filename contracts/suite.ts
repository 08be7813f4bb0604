import { projectRoot } from "../toolchain/paths";
import { perChain, ref, setting, type Suite } from "./suites/format";
import { parseSuite } from "./suites/parse";

/**
 * CCIP's chain selectors. Mainnet's is Chainlink's (smartcontractkit/chain-selectors, evm/1, 2025). Chain 138 talks
 * to its private pair only, and its chain id serves as selector.
 */
const chainSelectors = { chain138: 138n, chain1: 5009297550715157269n };

const independent = ["Multicall3", "WETH9", "WETH10"];
const source = (name: string): string => `contracts/src/${name}.sol`;

/**
 * Meridian's own suite, in the format of any other (docs/contracts.md): chain 138 gets all nine contracts, chain 1 all
 * but the oracle. A user's own is a YAML or JSON file that meridian:contracts.suite names.
 */
export const suite: Suite = parseSuite(
  {
    chains: { chain138: { chainId: 138, waitForBlocks: true }, chain1: { chainId: 1 } },
    contracts: [
      ...independent.map((name) => ({
        name,
        slug: name.toLowerCase(),
        source: source(name),
        phase: "independent",
      })),
      {
        name: "CCIPRouter",
        source: source("CCIPRouter"),
        phase: "router",
        arguments: [setting("owner"), perChain(chainSelectors)],
        after: independent,
      },
      ...["WETH9", "WETH10"].map((token) => ({
        name: `CCIP${token}Bridge`,
        slug: `ccip-${token.toLowerCase()}-bridge`,
        source: source(`CCIP${token}Bridge`),
        phase: "bridges",
        arguments: [setting("owner"), ref("CCIPRouter"), ref(token)],
      })),
      {
        name: "OracleAggregator",
        source: source("OracleAggregator"),
        phase: "oracle and multisig",
        arguments: [setting("owner"), 8, "ETH / USD"],
        chains: ["chain138"],
      },
      {
        name: "OracleProxy",
        source: source("OracleProxy"),
        phase: "oracle and multisig",
        arguments: [setting("owner"), ref("OracleAggregator")],
        chains: ["chain138"],
      },
      {
        name: "MultiSig",
        slug: "multisig",
        source: source("MultiSig"),
        phase: "oracle and multisig",
        arguments: [setting("signers"), setting("threshold")],
      },
    ],
  },
  { path: undefined, folder: projectRoot },
);
