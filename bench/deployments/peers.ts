import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

import { cacheFolder, thisHost } from "../../toolchain/host";
import { projectRoot } from "../../toolchain/paths";
import { deployerKey, owner, type BenchCase, type BenchChain } from "./cases";
import { runProgram, type Tool } from "./run";

/** A tool that is compared. */
export interface Peer {
  /** @param folder for files that it needs */
  readonly toolFor: (one: BenchCase, folder: string) => Tool;
}

const peersFolder = join(projectRoot, "bench", "peers");
const IGNITION_VERSION = "0.15.15";

/** Path of forge: the npm package's wrapper exits 0 on failure, so the platform's binary itself. */
function forgeBinary(): string {
  const name = `@foundry-rs/forge-${process.platform}-${process.arch === "x64" ? "amd64" : process.arch}`;
  const manifest = createRequire(join(projectRoot, "package.json")).resolve(`${name}/package.json`);
  return join(dirname(manifest), "bin", "forge");
}

/** forge, with its scripts compiled. */
export async function forge(): Promise<Peer> {
  const command = forgeBinary();
  await runProgram({ command, args: ["build"], environment: {}, folder: peersFolder });
  const program =
    ({ script }: BenchChain) =>
    (rpcUrl: string, scratch: string) => ({
      command,
      args: [
        ...["script", `script/Deploy.s.sol:${script}`, "--rpc-url", rpcUrl, "--private-key", deployerKey],
        ...["--broadcast", "--non-interactive"],
      ],
      environment: { BENCH_OWNER: owner, FOUNDRY_BROADCAST: scratch },
      folder: peersFolder,
    });
  return { toolFor: () => ({ name: "forge", programs: (chain) => [program(chain)] }) };
}

/** Hardhat Ignition's engine, installed into the user's cache; nothing, and a line that says so, where that fails. */
export async function ignition(): Promise<Peer[]> {
  const installed = join(cacheFolder(thisHost()), "bench", `ignition-core-${IGNITION_VERSION}`);
  if (!existsSync(join(installed, "node_modules", "@nomicfoundation", "ignition-core"))) {
    mkdirSync(installed, { recursive: true });
    writeFileSync(join(installed, "package.json"), '{ "private": true }\n');
    const name = `@nomicfoundation/ignition-core@${IGNITION_VERSION}`;
    const args = ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--save-exact", name];
    try {
      await runProgram({ command: "npm", args, environment: {}, folder: installed });
    } catch (error) {
      process.stderr.write(
        `Hardhat Ignition is left out: ${name} cannot be installed into ${installed} (${String(error)})\n`,
      );
      return [];
    }
  }
  const program = (plan: string) => (rpcUrl: string) => ({
    command: process.execPath,
    args: [join(peersFolder, "ignition.mjs")],
    environment: { BENCH_PEER_FOLDER: installed, BENCH_PLAN: plan, BENCH_RPC_URL: rpcUrl, BENCH_KEY: deployerKey },
  });
  return [
    {
      toolFor: (_, folder) => ({
        name: "ignition",
        programs: (chain) => [program(writePlan(chain, join(folder, `${chain.script}.json`)))],
      }),
    },
  ];
}

/** Writes what Ignition is to deploy: the same init codes, with references instead of predicted addresses. */
function writePlan({ chainId, plan }: BenchChain, path: string): string {
  const nameAt = new Map(plan.map(({ address, contract }) => [address as unknown, contract]));
  const contractOf = new Map(plan.map(({ name, contract }) => [name, contract]));
  const contracts = plan
    .toSorted((a, b) => a.batch - b.batch)
    .map(({ contract, constructorArguments, needs, artifact }) => ({
      name: contract,
      args: constructorArguments.map(({ value }) => (nameAt.has(value) ? { ref: nameAt.get(value) } : value)),
      needs: needs.map((need) => contractOf.get(need)),
      artifact: {
        contractName: contract,
        sourceName: artifact.source,
        bytecode: artifact.creationCode,
        abi: artifact.abi,
        linkReferences: {},
      },
    }));
  const text = JSON.stringify({ chainId, contracts }, (_, value: unknown) =>
    typeof value === "bigint" ? value.toString() : value,
  );
  writeFileSync(path, text);
  return path;
}
