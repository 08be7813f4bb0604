import type { Command } from "commander";

import { findTool, toolNames, type ToolName } from "../toolchain/find";
import type { Host } from "../toolchain/host";
import { showProgress } from "../toolchain/progress";
import { ensurePulumi } from "../toolchain/pulumi";
import { ToolMissingError, type Tool } from "../toolchain/tool";
import { formatTable } from "../table";
import { printJson } from "./output";

interface DoctorOptions {
  readonly json?: boolean;
  readonly fix?: boolean;
}

/** One line of the table. */
export interface Diagnosis {
  readonly name: ToolName;
  readonly needed: boolean;
  readonly tool?: Tool;
  /** Why it was not found, in one line. */
  readonly problem?: string;
}

/** Tools that the main job does without, and what they are for. */
const helpers: Partial<Record<ToolName, string>> = {
  go: "only builds pulumi where its installer cannot be reached, kube-apiserver and etcd",
  "kube-apiserver": "only judges manifests in the tests, which build it when they need it",
  etcd: "only judges manifests in the tests, which build it when they need it",
  besu: "only runs a network of real nodes on this machine: docs/local-network.md",
  docker: "only runs that network in containers, where there is no besu: docs/local-network.md",
  chromium: "only opens the report in the tests",
  promtool: "only tests the alert rules, in the tests, which get it when they need it",
};

/** Declares `meridian doctor`. */
export function addDoctor(program: Command): void {
  program
    .command("doctor")
    .description("Show every tool that Meridian uses: its version and where it came from.")
    .option("--fix", "get what is missing, as `npm start` and `npm test` do")
    .option("--json", "print the table as JSON")
    .addHelpText(
      "after",
      "\nExample:\n  npx meridian doctor --fix\n\nExit code 2 when a tool that is needed is missing.",
    )
    .action(async (options: DoctorOptions) => {
      if (options.fix === true) await ensurePulumi({ onProgress: showProgress() });
      const diagnoses = await diagnose();
      if (options.json === true) printJson(diagnoses);
      else process.stdout.write(`${describe(diagnoses)}\n`);
      if (diagnoses.some(({ needed, tool }) => needed && !tool)) process.exitCode = 2;
    });
}

/** Looks for every tool at once. */
export function diagnose(host?: Host): Promise<Diagnosis[]> {
  return Promise.all(
    toolNames.map(async (name): Promise<Diagnosis> => {
      const needed = helpers[name] === undefined;
      try {
        return { name, needed, tool: await findTool(name, host) };
      } catch (error) {
        if (!(error instanceof ToolMissingError)) throw error;
        return { name, needed, problem: error.tried.map(({ what, reason }) => `${what}: ${reason}`).join("; ") };
      }
    }),
  );
}

const origins: Record<Tool["source"], string> = {
  path: "PATH",
  cache: "cache",
  vendor: "vendor's installer",
  built: "built just now",
  npm: "npm package",
  BESU_HOME: "BESU_HOME",
  MERIDIAN_CHROMIUM: "MERIDIAN_CHROMIUM",
  MERIDIAN_PROMTOOL: "MERIDIAN_PROMTOOL",
  MERIDIAN_SHELLCHECK: "MERIDIAN_SHELLCHECK",
  CHROME_BIN: "CHROME_BIN",
  "this process": "runs this",
};

/** The table, and a last line saying what to do when something is missing. */
export function describe(diagnoses: readonly Diagnosis[]): string {
  const rows = diagnoses.map(({ name, needed, tool, problem }) => {
    if (tool) {
      const origin = tool.origin === undefined ? "" : ` (${tool.origin})`;
      return [name, tool.version, `${origins[tool.source]}${origin}`, tool.path];
    }
    const why = needed ? "" : ` (optional: ${helpers[name] ?? ""})`;
    return [name, "not found", "", `${problem ?? ""}${why}`];
  });
  const table = formatTable([["TOOL", "VERSION", "FROM", "PATH"], ...rows]);
  const missing = diagnoses.some(({ needed, tool }) => needed && !tool);
  return missing ? `${table}\n\nSomething is missing. Run: npx meridian doctor --fix` : table;
}
