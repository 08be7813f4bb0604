// Deploys contracts by Hardhat Ignition's own engine, without Hardhat around it: `npm run bench -- contracts` starts it.
// Environment: BENCH_PEER_FOLDER (where @nomicfoundation/ignition-core is installed), BENCH_PLAN (file), BENCH_RPC_URL,
// BENCH_KEY (a development key).
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { privateKeyToAccount } from "viem/accounts";

const { BENCH_PEER_FOLDER = "", BENCH_PLAN = "", BENCH_RPC_URL = "", BENCH_KEY = "" } = process.env;
const { buildModule, deploy } = createRequire(join(BENCH_PEER_FOLDER, "package.json"))(
  "@nomicfoundation/ignition-core",
);
const { chainId, contracts } = JSON.parse(readFileSync(BENCH_PLAN, "utf8"));
const account = privateKeyToAccount(BENCH_KEY);

let lastId = 0;
const ask = async (method, params) => {
  const body = JSON.stringify({ jsonrpc: "2.0", id: ++lastId, method, params: params ?? [] });
  const response = await fetch(BENCH_RPC_URL, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
  });
  const { result, error } = await response.json();
  if (error !== undefined) throw Object.assign(new Error(error.message), { code: error.code, data: error.data });
  return result;
};
/** The node has no accounts of its own: what Hardhat's provider signs is signed here. */
const sendTransaction = async ({ to, data, value, gas, nonce, maxFeePerGas, maxPriorityFeePerGas }) => {
  const fees = { maxFeePerGas: BigInt(maxFeePerGas), maxPriorityFeePerGas: BigInt(maxPriorityFeePerGas) };
  const call = {
    type: "eip1559",
    chainId,
    to,
    data,
    value: BigInt(value ?? 0),
    gas: BigInt(gas),
    nonce: Number(nonce),
  };
  return ask("eth_sendRawTransaction", [await account.signTransaction({ ...call, ...fees })]);
};
const provider = {
  request: ({ method, params }) =>
    method === "eth_sendTransaction" ? sendTransaction(params[0]) : ask(method, params),
};

const ignitionModule = buildModule("Bench", (builder) => {
  const futures = {};
  for (const { name, args, needs } of contracts) {
    const values = args.map((arg) => (arg?.ref === undefined ? arg : futures[arg.ref]));
    futures[name] = builder.contract(name, values, { after: needs.map((need) => futures[need]) });
  }
  return futures;
});
const artifactResolver = {
  loadArtifact: async (name) => contracts.find((each) => each.name === name).artifact,
  getBuildInfo: async () => undefined,
};
const result = await deploy({
  // As fast as it goes: one confirmation, and a look at the chain every 100 ms (defaults: five, and every second).
  config: { requiredConfirmations: 1, blockPollingInterval: 100 },
  artifactResolver,
  provider,
  ignitionModule,
  deploymentParameters: {},
  accounts: [account.address],
});
if (result.type !== "SUCCESSFUL_DEPLOYMENT") {
  process.stderr.write(`${JSON.stringify(result)}\n`);
  process.exitCode = 1;
}
