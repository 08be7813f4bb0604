import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isAddress } from "viem/utils";
import { parse } from "yaml";
import { z } from "zod";
import { projectRoot } from "../../toolchain/paths";
import { MeridianError } from "../../errors";
import type { DeployMode } from "../deploy/deploy";
import type { PolicySettings } from "../deploy/policy";
import { messageOf } from "../errors";
import type { PublishSettings } from "../publish/targets";
import type { SuiteSettings } from "../plan";
import { chainName, type Suite } from "../suites/format";
import { loadSuite } from "../suites/load";

/** What a stack's configuration says of its contracts, as far as status needs it. */
export interface StackContracts {
  readonly salt: string;
  readonly settings: SuiteSettings;
  readonly mode: DeployMode;
  readonly suite: Suite;
  readonly chains: readonly { readonly chain: string; readonly rpcUrl?: string; readonly policy: PolicySettings }[];
  /** Identifier of a key in Azure Key Vault that signs; no secret. @default the key of the environment */
  readonly keyVaultKey?: string;
  /** Services that contracts are published to. @default none */
  readonly publish?: PublishSettings;
}

/** The stack's file cannot be used for its contracts. */
export class StackFileError extends MeridianError {
  override readonly name: string = "StackFileError";
}

const address = z.custom<`0x${string}`>((value) => typeof value === "string" && isAddress(value), "is no address");
const positive = z.number().positive().optional();
const whole = z.int().positive().optional();
const policy = { maxFeeGwei: positive, maxPriorityFeeGwei: positive, replaceAfterBlocks: whole, confirmations: whole };
const chain = z.object({ rpcUrl: z.string().optional(), ...policy }).nullable();
const services = z.strictObject({
  sourcify: z.string().optional(),
  blockscout: z.string().optional(),
  etherscan: z.string().optional(),
});
const schema = z.object({
  suite: z.string().optional(),
  salt: z.string(),
  owner: address,
  signers: z.array(address).optional(),
  threshold: z.int().positive().optional(),
  mode: z.enum(["batches", "dataflow"]).default("batches"),
  keyVaultKey: z.string().optional(),
  chains: z.record(chainName, chain),
  publish: z.record(chainName, services).optional(),
});

/**
 * Reads `meridian:contracts` of Pulumi.<stack>.yaml. Unlike the program it fills in nothing and needs no Pulumi.
 * @throws {StackFileError} naming file and key, {SuiteError}
 */
export function stackContracts(stack: string, folder: string = projectRoot): StackContracts {
  const file = `Pulumi.${stack}.yaml`;
  let content: unknown;
  try {
    content = parse(readFileSync(join(folder, file), "utf8"));
  } catch (error) {
    throw new StackFileError(`${file} cannot be read (${messageOf(error)}).`, { hint: "Check --stack." });
  }
  const config = (content as { config?: Record<string, unknown> } | null)?.config ?? {};
  const parsed = schema.safeParse(config["meridian:contracts"]);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const key = ["meridian:contracts", ...(issue?.path ?? [])].join(".");
    throw new StackFileError(`${key} in ${file}: ${issue?.message ?? "cannot be read"}.`, {
      hint: "See Pulumi.yaml for what it holds.",
    });
  }
  const { salt, owner, signers, threshold, mode, chains, publish, keyVaultKey } = parsed.data;
  const suite = loadSuite(parsed.data.suite);
  for (const [key, named] of Object.entries({ chains, publish: publish ?? {} })) {
    const unknown = Object.keys(named).find((name) => suite.chains[name] === undefined);
    if (unknown === undefined) continue;
    const problem = `meridian:contracts.${key}.${unknown} in ${file}: the suite has no such chain.`;
    throw new StackFileError(problem, { hint: `Allowed: ${Object.keys(suite.chains).join(", ")}.` });
  }
  return {
    suite,
    salt,
    settings: { owner, signers, threshold },
    mode,
    chains: Object.entries(chains).map(([chain, given]) => {
      const { rpcUrl, ...policy } = given ?? {};
      return { chain, rpcUrl: rpcUrl ?? suite.chains[chain]?.rpcUrl, policy };
    }),
    keyVaultKey,
    publish,
  };
}
