import type { Command } from "commander";

import { printJson } from "./output";
import { addRehearsalOptions, collect, type RehearsalCommandOptions, runRehearsal } from "./rehearsal-command";

interface RehearseOptions extends RehearsalCommandOptions {
  readonly listFaults?: boolean;
}

/** Declares `meridian rehearse`, the main job behind `npm start`; faults make it a rehearsal of trouble. */
export function addRehearse(program: Command): void {
  addRehearsalOptions(
    program
      .command("rehearse")
      .description(
        "Rehearse `pulumi up`: the real engine and program, real local chains, a simulated Azure, with trouble if asked.",
      )
      .option("--fault <fault>", "trouble by name and place, e.g. throttle@japaneast; may be repeated", collect)
      .option("--list-faults", "explain every fault: what Azure answers, what the provider and the operator do"),
  )
    .addHelpText(
      "after",
      `
npm start is this command. Everything it makes is in its folder; npm run destroy removes it.
Exit code 0: deployed; 1: the deployment failed, or the engine was killed by a fault; 2: bad configuration, or a tool is
missing. The next run, with or without faults, goes on where this one stopped.

Example:
  npm start -- --parallel 8 --json
  npx meridian rehearse --fault flaky=0.02 --fault throttle@japaneast
  npx meridian rehearse --attempts 4 --fault hard-throttle@japaneast
  npx meridian rehearse --stack fleet --continue-on-error --fault capacity@uksouth:cluster
  npx meridian rehearse --fault crash@japaneast-cluster-aks && npx meridian rehearse`,
    )
    .action(rehearse);
}

async function rehearse({ listFaults = false, ...options }: RehearseOptions): Promise<void> {
  const { describeFaults, parseFault } = await import("../rehearsal/azure/faults.js");
  if (!listFaults) {
    // A misspelt fault is told before tools are looked for; whether the stack has its region, when the stack is read.
    for (const text of options.fault ?? []) parseFault(text);
    return runRehearsal(options);
  }
  const { faultKinds } = await import("../rehearsal/azure/fault-catalogue.js");
  if (options.json === true) printJson({ schemaVersion: 1, faults: faultKinds });
  else process.stdout.write(`${describeFaults()}\n`);
}
