import { Command } from "commander";

import { version } from "../package.json";
import { addBatch } from "./batch";
import { addCalibrate } from "./calibrate";
import { addCall } from "./call";
import { addCi } from "./ci";
import { addContracts } from "./contracts";
import { addCloud } from "./cloud";
import { addConfig } from "./config";
import { addCost } from "./cost";
import { addDoctor } from "./doctor";
import { addDestroy } from "./destroy";
import { addExporter } from "./exporter";
import { addExecution } from "./execution";
import { addForecast } from "./forecast";
import { addLocal } from "./local";
import { addMonitoring } from "./monitoring";
import { addDrill } from "./drill";
import { reportError } from "./output";
import { addPlacement } from "./placement";
import { addPower } from "./power";
import { addRecover } from "./recover";
import { addReport } from "./report";
import { addRehearse } from "./rehearse";
import { addRollout } from "./rollout";
import { addSmoke } from "./smoke";
import { addStatus } from "./status";
import { addSweep } from "./sweep";
import { addTargets } from "./targets";
import { addUp } from "./up";
import { addValidators } from "./validators";
import { addVerify } from "./verify";

/**
 * The `meridian` command. Each sub-command is one file that declares itself here. What loads Pulumi or viem it imports
 * only when it runs (`await import("../rehearsal/rehearsal.js")`), so that help and `doctor` start at once.
 */
export function createProgram(): Command {
  const program = new Command("meridian")
    .description("Deploy, operate and rehearse a multi-region Hyperledger Besu network as one Pulumi program.")
    .version(version)
    .showHelpAfterError("Run with --help to see what is possible.")
    .configureHelp({ sortSubcommands: false });
  addRehearse(program);
  addDestroy(program);
  addSweep(program);
  addForecast(program);
  addUp(program);
  addRollout(program);
  addStatus(program);
  addPower(program);
  addRecover(program);
  addValidators(program);
  addExporter(program);
  addMonitoring(program);
  addDrill(program);
  addCloud(program);
  addSmoke(program);
  addCalibrate(program);
  addConfig(program);
  addTargets(program);
  addPlacement(program);
  addCost(program);
  addCall(program);
  addBatch(program);
  addContracts(program);
  addVerify(program);
  addCi(program);
  addExecution(program);
  addReport(program);
  addLocal(program);
  addDoctor(program);
  return program;
}

/** Commander throws instead of ending the process, at every depth of sub-commands. */
function overrideExits(command: Command): void {
  command.exitOverride();
  for (const child of command.commands) overrideExits(child);
}

/** Runs one command line and returns its exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  const program = createProgram();
  overrideExits(program);
  try {
    await program.parseAsync(argv, { from: "user" });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    return reportError(error);
  }
}
