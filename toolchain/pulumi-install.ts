import { join } from "node:path";

import { buildRecipe, findGo, programIn } from "./go";
import { executable, toolFolder, type Host } from "./host";
import { projectRoot } from "./paths";
import type { Progress } from "./progress";
import { languageHost, languageHostRecipe, languageHostVersion, pulumiRecipe, pulumiVersion } from "./pulumi-versions";
import { explainFailure } from "./run";
import { store, type Stamp } from "./store";
import type { Outcome } from "./tool";

/** Where the Automation API gets the installer from; asked first, so that being offline costs seconds. */
const vendor = "https://get.pulumi.com/";
const vendorAnswersWithinMs = 8_000;
const vendorDownloadWithinMs = 600_000;

/** A failure inside `store`'s callback that is an answer to the caller. */
class Missed extends Error {}

const found = <T>(outcome: Outcome<T>): T => {
  if ("missed" in outcome) throw new Missed(outcome.missed);
  return outcome.found;
};

async function intoStore(host: Host, fill: (folder: string) => Promise<Stamp>): Promise<Outcome<Stamp>> {
  const files = ["pulumi", languageHost].map((name) => join("bin", executable(name, host.platform)));
  try {
    return { found: await store(toolFolder(host, "pulumi", pulumiVersion), files, fill) };
  } catch (error) {
    if (error instanceof Missed) return { missed: error.message };
    // A cache that cannot be written to is a reason, too; anything else is a bug.
    if ((error as NodeJS.ErrnoException).syscall !== undefined) return { missed: (error as Error).message };
    throw error;
  }
}

/** Starts the two programs once: a file that does not run here (wrong platform, torn download) is not stored. */
async function seenToRun(host: Host, folder: string, signal?: AbortSignal): Promise<void> {
  const env = { PULUMI_SKIP_UPDATE_CHECK: "true" };
  const bin = (name: string) => join(folder, "bin", executable(name, host.platform));
  const cli = await host.run(bin("pulumi"), ["version"], { env, timeoutMs: 30_000, signal });
  if (cli.code !== 0 || !cli.stdout.includes(pulumiVersion)) {
    throw new Missed(`"pulumi version" does not say ${pulumiVersion}: ${explainFailure(cli)}`);
  }
  const help = await host.run(bin(languageHost), ["-help"], { env, timeoutMs: 30_000, signal });
  if (help.code === undefined) throw new Missed(`${languageHost} does not run: ${explainFailure(help)}`);
}

/** The Automation API's own installer, in a process of its own: that one can be ended when time is up. */
const installer = `
const [root] = process.argv.slice(1);
require("@pulumi/pulumi/automation").PulumiCommand.install({ root }).then(
  () => process.exit(0),
  (error) => { console.error(String(error.message ?? error)); process.exit(1); },
);`;

/** Installs Pulumi with the vendor's installer, if the vendor answers. */
export async function installFromVendor(host: Host, progress?: Progress, signal?: AbortSignal) {
  const name = `Installing pulumi ${pulumiVersion} with the vendor's installer`;
  progress?.({ kind: "started", text: name });
  const outcome = await intoStore(host, async (folder) => {
    // `fetch` in a child as well, so that a name lookup that hangs cannot hold us.
    const probe = `fetch(${JSON.stringify(vendor)}, { method: "HEAD" }).then(() => process.exit(0), (e) => { console.error(String(e.cause?.message ?? e.message)); process.exit(1); })`;
    const answers = await host.run(process.execPath, ["-e", probe], { timeoutMs: vendorAnswersWithinMs, signal });
    if (answers.code !== 0) throw new Missed(`${vendor} does not answer: ${explainFailure(answers, 1)}`);

    const options = { cwd: projectRoot, timeoutMs: vendorDownloadWithinMs, signal };
    const installed = await host.run(process.execPath, ["-e", installer, folder], options);
    if (installed.code !== 0) throw new Missed(explainFailure(installed));
    await seenToRun(host, folder, signal);
    return { origin: "vendor's installer", versions: { pulumi: pulumiVersion, [languageHost]: pulumiVersion } };
  });
  progress?.(
    "found" in outcome ? { kind: "done", text: name } : { kind: "failed", text: `${name}: ${outcome.missed}` },
  );
  return outcome;
}

/** Builds the CLI and its language host from the Go module proxy. */
export async function buildPulumi(host: Host, progress?: Progress, signal?: AbortSignal): Promise<Outcome<Stamp>> {
  const go = await findGo(host, signal);
  if ("missed" in go) return go;
  const compiler = go.found;
  const name = `Building pulumi ${pulumiVersion} with go ${compiler.version}, once a machine, 1 to 4 minutes`;
  progress?.({ kind: "started", text: name });
  const outcome = await intoStore(host, async (folder) => {
    found(await buildRecipe(host, compiler, pulumiRecipe, await programIn(folder, "pulumi", host), signal));
    const hostProgram = await programIn(folder, languageHost, host);
    found(await buildRecipe(host, compiler, languageHostRecipe, hostProgram, signal));
    await seenToRun(host, folder, signal);
    const versions = { pulumi: pulumiVersion, [languageHost]: languageHostVersion };
    return { origin: `built with go ${compiler.version}`, versions };
  });
  progress?.(
    "found" in outcome ? { kind: "done", text: name } : { kind: "failed", text: `${name}: ${outcome.missed}` },
  );
  return outcome;
}
