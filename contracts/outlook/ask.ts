import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { projectRoot } from "../../toolchain/paths";
import type { OutlookRequest } from "./main";
import { outlooksSchema, type ChainOutlook } from "./outlook";

/** All chains together may take this long, in milliseconds; a chain that is slower is unknown. */
const TIMEOUT_MS = 20_000;
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;

/**
 * Asks chains what is there of their plans, in a process of its own, and waits for it. A Pulumi program must know the
 * answer before it registers its first resource, and while it waited in any other way it would look idle.
 *
 * @returns by chain; those that could not be asked are left out, and nothing is ever thrown
 */
export function askChains(request: OutlookRequest): ReadonlyMap<string, ChainOutlook> {
  if (request.chains.length === 0) return new Map();
  const child = spawnSync(process.execPath, [join(projectRoot, "contracts", "bin", "outlook.mjs")], {
    input: JSON.stringify(request),
    // Not what a rehearsal or a debugger puts into the program's own process.
    env: { ...process.env, NODE_OPTIONS: "" },
    timeout: TIMEOUT_MS,
    killSignal: "SIGKILL",
    maxBuffer: MAX_OUTPUT_BYTES,
    encoding: "utf8",
  });
  const outlooks = outlooksSchema.safeParse(child.status === 0 ? parsed(child.stdout) : []);
  return new Map((outlooks.success ? outlooks.data : []).map((outlook) => [outlook.chain, outlook]));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return [];
  }
}
