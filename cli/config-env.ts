import { suggest } from "../regions/suggest";
import { ConfigInputError, type Given, type Inputs } from "./config-inputs";

/**
 * The variables that set something. A chain's URL only says that the chain gets contracts: it may hold a key, and the
 * program finds it in the environment itself.
 */
export const VARIABLES: Readonly<
  Record<string, readonly [path: string, kind: "text" | "value" | "list" | "presence"]>
> = {
  MERIDIAN_CHAIN_ID: ["chain.chainId", "value"],
  MERIDIAN_BLOCK_PERIOD_SECONDS: ["chain.blockPeriodSeconds", "value"],
  MERIDIAN_REQUEST_TIMEOUT_SECONDS: ["chain.requestTimeoutSeconds", "value"],
  MERIDIAN_BLOCK_GAS_LIMIT: ["chain.blockGasLimit", "value"],
  MERIDIAN_BESU_IMAGE: ["chain.besuImage", "text"],
  MERIDIAN_CONTRACTS_SALT: ["contracts.salt", "text"],
  MERIDIAN_CONTRACTS_OWNER: ["contracts.owner", "text"],
  MERIDIAN_CONTRACTS_SIGNERS: ["contracts.signers", "list"],
  MERIDIAN_CONTRACTS_THRESHOLD: ["contracts.threshold", "value"],
  MERIDIAN_CHAIN138_RPC_URL: ["contracts.chains.chain138", "presence"],
  MERIDIAN_CHAIN1_RPC_URL: ["contracts.chains.chain1", "presence"],
  MERIDIAN_KUBERNETES_VERSION: ["cluster.kubernetesVersion", "text"],
  MERIDIAN_CLUSTER_TIER: ["cluster.tier", "text"],
  MERIDIAN_SYSTEM_VM_SIZE: ["cluster.systemVmSize", "text"],
  MERIDIAN_SYSTEM_NODES: ["cluster.systemNodes", "value"],
  MERIDIAN_VALIDATOR_VM_SIZE: ["cluster.validatorVmSize", "text"],
  MERIDIAN_VALIDATOR_NODES: ["cluster.validatorNodes", "value"],
  MERIDIAN_SUPERNET: ["network.supernet", "text"],
  MERIDIAN_PROTECT: ["protect", "value"],
};

/** Every variable of a `.env` that `meridian config generate` reads. */
export const variableNames: readonly string[] = Object.keys(VARIABLES);

/**
 * Reads the `MERIDIAN_` variables of a `.env`. Others are nobody's business here: they may be secrets.
 *
 * @throws {ConfigInputError} for a line that is none, an open quote, or a `MERIDIAN_` variable that does not exist.
 */
export function readEnvFile(text: string, file: string): Inputs {
  const given: Given[] = [];
  const lines = text.split(/\r?\n/);
  for (let i = 0; i < lines.length; i++) {
    const line = (lines[i] ?? "").trim();
    const at = `${file}:${i + 1}`;
    if (line === "" || line.startsWith("#")) continue;
    const [, name = "", rest = ""] = /^(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*)$/.exec(line) ?? [];
    if (name === "") throw new ConfigInputError(`${at}: The line is no variable. Write NAME=value, or # before it.`);
    const quote = /^["']/.exec(rest)?.[0];
    let value = quote === undefined ? rest.replace(/\s+#.*$/, "") : rest.slice(1);
    if (quote !== undefined) {
      while (!value.includes(quote)) {
        i += 1;
        const next = lines[i];
        if (next === undefined) throw new ConfigInputError(`${at}: The quote of ${name} is never closed.`);
        value += `\n${next}`;
      }
      value = value.slice(0, value.indexOf(quote));
    }
    if (name.startsWith("MERIDIAN_")) given.push(...fromVariable(name, value.trim(), at));
  }
  return { given, origins: [], ignored: [] };
}

function fromVariable(name: string, text: string, at: string): Given[] {
  const [path, kind] = VARIABLES[name] ?? [];
  if (path === undefined || kind === undefined) {
    const near = suggest(name, variableNames);
    const hint = near === undefined ? "" : ` Did you mean ${near}?`;
    throw new ConfigInputError(`${at}: ${name} is no variable of Meridian.${hint} Known: ${variableNames.join(", ")}.`);
  }
  if (text === "") return [];
  return [{ path: path.split("."), value: convert(text, kind), at }];
}

function convert(text: string, kind: "text" | "value" | "list" | "presence"): unknown {
  switch (kind) {
    case "text":
      return text;
    case "presence":
      return {};
    case "list":
      return text.split(",").map((item) => item.trim());
    case "value":
      // What is neither stays text, so that the configuration's own check says what is allowed.
      if (/^\d+$/.test(text)) return Number(text);
      return text === "true" ? true : text === "false" ? false : text;
  }
}
