import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { parse, parseAllDocuments, stringify } from "yaml";

import { projectRoot } from "../../../toolchain/paths";
import { closeRehearsals, openRehearsal } from "../../engine/support/engine";
import type { Manifest } from "./api-server";

/** The manifests of one region, in the order in which the engine made them. */
export interface RegionManifests {
  readonly region: string;
  readonly manifests: readonly Manifest[];
}

/** The stacks of this checkout, by their Pulumi.<stack>.yaml. */
export const stacks = readdirSync(projectRoot)
  .flatMap((name) => /^Pulumi\.(.+)\.yaml$/.exec(name)?.[1] ?? [])
  .sort();

/** The regions of a stack, as its configuration names them. */
export function regionsOf(stack: string): string[] {
  const { config } = parse(readFileSync(join(projectRoot, `Pulumi.${stack}.yaml`), "utf8")) as {
    config: { "meridian:regions": readonly { readonly name: string }[] };
  };
  return config["meridian:regions"].map(({ name }) => name);
}

const deployed = new Map<string, Promise<RegionManifests[]>>();

/** RPC nodes, which both stacks leave out: in one with a certificate of cert-manager's, in the others from Key Vault. */
const rpcOf = (stack: string): object => ({
  enabled: true,
  hosts: ["{region}.rpc.example.org"],
  ...(stack === "dev" && { certificate: "certManager", issuer: "public", exposure: "public", clients: ["0.0.0.0/0"] }),
});

/** The stack's configuration with RPC nodes and monitoring in every region. */
function withRpc(stack: string, folder: string): string {
  const settings = parse(readFileSync(join(projectRoot, `Pulumi.${stack}.yaml`), "utf8")) as { config: object };
  const file = join(folder, `Pulumi.${stack}.yaml`);
  writeFileSync(
    file,
    stringify({
      ...settings,
      config: { ...settings.config, "meridian:rpc": rpcOf(stack), "meridian:monitoring": { enabled: true } },
    }),
  );
  return file;
}

/** What the real engine hands to every region's cluster when it deploys the stack with RPC nodes and monitoring; it runs once a stack. */
export function deployedManifests(stack: string): Promise<RegionManifests[]> {
  const running = deployed.get(stack) ?? deploy(stack);
  deployed.set(stack, running);
  return running;
}

async function deploy(stack: string): Promise<RegionManifests[]> {
  const regions = regionsOf(stack);
  const folder = mkdtempSync(join(tmpdir(), "meridian-manifests-"));
  const rehearsal = await openRehearsal({ program: projectRoot, stack, configuration: withRpc(stack, folder) });
  try {
    const targets = [...regions.map((region) => `**::${region}-*`), "**::global-*"];
    const run = await rehearsal.run("up", { parallel: 256, targets, checkpoints: false });
    if (run.exitCode !== 0) throw new Error(run.diagnostics.map(({ message }) => message).join("\n") || run.output);
    return regions.map((region) => ({
      region,
      manifests: rehearsal.cloud
        .below(`kubernetes://${region}/`)
        .map(({ inputs }) => inputs as unknown as Manifest)
        .filter(({ apiVersion }) => typeof apiVersion === "string"),
    }));
  } finally {
    closeRehearsals();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The vendored CustomResourceDefinitions (scripts/vendor-crds.mjs). */
export function definitions(): Manifest[] {
  const folder = join(__dirname, "..", "crds");
  return readdirSync(folder)
    .filter((name) => name.endsWith(".yaml"))
    .flatMap((name) => parseAllDocuments(readFileSync(join(folder, name), "utf8")))
    .map((document) => document.toJS() as Manifest | null)
    .filter((manifest) => manifest !== null);
}
