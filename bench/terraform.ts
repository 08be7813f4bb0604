import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type Usage, watchUsage } from "./usage";

/** One measured command. */
export interface Sample extends Usage {
  readonly wallSeconds: number;
}

/** A resource of an exported state, as far as its place in the graph goes. */
export interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly custom: boolean;
  readonly parent?: string;
  readonly dependencies?: readonly string[];
}

/** Where terraform is; undefined when it is not on PATH. */
export const terraformOnPath = (): string | undefined => {
  try {
    return execFileSync("which", ["terraform"], { encoding: "utf8" }).trim();
  } catch {
    return undefined;
  }
};
/** As it tells itself. */
export const terraformVersion = (binary: string): string =>
  (JSON.parse(execFileSync(binary, ["version", "-json"], { encoding: "utf8" })) as { terraform_version: string })
    .terraform_version;

/** The same nodes and edges; what they hold is not compared. */
function terraformGraph(graph: readonly StateResource[]): string {
  const names = new Map(graph.map(({ urn }, index) => [urn, `terraform_data.r${index}`]));
  const blocks = graph.map(({ urn, parent, dependencies = [] }, index) => {
    const edges = [...new Set([...dependencies, ...(parent === undefined ? [] : [parent])])].flatMap(
      (other) => names.get(other) ?? [],
    );
    return `resource "terraform_data" "r${index}" {\n  input = ${JSON.stringify(urn)}\n  depends_on = [${edges.join(", ")}]\n}\n`;
  });
  return blocks.join("\n");
}

/**
 * Times plan, apply and a plan without changes of `terraform_data` resources in the same graph.
 *
 * @param parallel `-parallelism`
 */
export async function timeTerraform(
  binary: string,
  graph: readonly StateResource[],
  parallel: number,
): Promise<(readonly [name: string, sample: Sample])[]> {
  const folder = mkdtempSync(join(tmpdir(), "meridian-bench-terraform-"));
  const environment = { ...process.env, CHECKPOINT_DISABLE: "1", TF_IN_AUTOMATION: "1" };
  const timed = async (...args: readonly string[]): Promise<Sample> => {
    const watch = watchUsage();
    const started = process.hrtime.bigint();
    const all = [...args, "-input=false", `-parallelism=${parallel}`];
    const child = spawn(binary, all, { cwd: folder, env: environment, stdio: "ignore", detached: true });
    watch.session(child.pid ?? -1);
    const [code] = (await once(child, "exit")) as [number | null];
    if (code !== 0) throw new Error(`terraform ${all.join(" ")} ended with ${code}`);
    return { wallSeconds: Number(process.hrtime.bigint() - started) / 1e9, ...watch.stop() };
  };
  try {
    writeFileSync(join(folder, "main.tf"), terraformGraph(graph));
    execFileSync(binary, ["init", "-input=false"], { cwd: folder, env: environment, stdio: "ignore" });
    return [
      ["plan of everything", await timed("plan")],
      ["apply", await timed("apply", "-auto-approve")],
      ["plan of no change", await timed("plan")],
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
