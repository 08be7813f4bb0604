import { type Command, InvalidArgumentError } from "commander";

import { MeridianError } from "../errors";
import { readText, writeText } from "./files";
import { printJson } from "./output";
import { wholeNumber } from "./rehearsal-command";

interface AnalyseOptions {
  readonly rpc?: string;
  readonly blocks?: string;
  readonly file?: string;
  readonly save?: string;
  readonly cores: readonly number[];
  readonly top: number;
  readonly stack?: string;
  readonly suite?: string;
  readonly journal?: string;
  readonly svg?: string;
  readonly json?: boolean;
}

/** From then on a run tells how far it is, in milliseconds. */
const QUIET_MS = 2000;

/** Between two lines of progress, in milliseconds; a terminal's line is drawn anew more often. */
const PAUSE_MS = { terminal: 200, log: 5000 } as const;

/** `2,4,8` as numbers, each once, in order. @throws InvalidArgumentError */
const coresList = (text: string): number[] => {
  const cores = text.split(",").map((part) => wholeNumber(1)(part.trim()));
  if (cores.some((count) => count > 1024)) throw new InvalidArgumentError("Allowed: numbers from 1 to 1024.");
  return [...new Set(cores)].sort((a, b) => a - b);
};

/** Declares `meridian execution analyse`. */
export function addExecutionAnalyse(execution: Command): void {
  execution
    .command("analyse")
    .description("Say how much parallel execution can give on a chain's blocks, and which places stand in its way.")
    .option("--rpc <url>", "HTTP address of a node with debug_traceBlockByNumber: Besu with DEBUG, geth, reth, anvil")
    .option("--blocks <range>", "with --rpc: 100..120, 100..latest, 120 or latest", "latest")
    .option("--file <file>", "a recording made with --save, instead of a node")
    .option("--save <file>", "with --rpc: write what the node answered, for --file")
    .option("--cores <list>", "numbers of cores to give the bound for", coresList, [2, 4, 8, 16, 32])
    .option("--top <n>", "places and accounts to tell", wholeNumber(1), 10)
    .option("--stack <name>", "name the contracts that Pulumi.<name>.yaml deploys")
    .option("--suite <file>", "the suite that names are from; Meridian's own without it")
    .option("--journal <folder>", "name the contracts of this journal; MERIDIAN_JOURNAL_DIR without it")
    .option("--svg <file>", "draw the bound by number of cores")
    .option("--json", "print the analysis as JSON (docs/schemas/execution-analysis.schema.json)")
    .addHelpText(
      "after",
      `
The bound is min(cores, gas / critical path) for a block; how it is got, and how to read the output:
docs/execution-analysis.md. Reads only.
Exit code 0: analysed; 2: bad input, no connection, or a node that cannot trace.

Example:
  npx meridian execution analyse --rpc http://127.0.0.1:8545 --blocks 100..120 --stack dev
  npx meridian execution analyse --file blocks.json --svg bound.svg`,
    )
    .action(analyseBlocks);
}

async function analyseBlocks(options: AnalyseOptions, command: Command): Promise<void> {
  const blocksGiven = command.getOptionValueSource("blocks") === "cli";
  const source = sourceOf(options, blocksGiven);
  const { analyse } = await import("../execution/analyse/analysis.js");
  const { chainId, method, accesses } =
    source.kind === "file" ? await readRecording(source.file) : await readNode(source.rpc, options);
  const { knownContracts } = await import("../execution/analyse/node/known.js");
  const { stack, suite, journal, cores, top, svg, json = false } = options;
  const onProgress = (line: string) => void process.stderr.write(`${line}\n`);
  const known = knownContracts({ chainId, stack, suite, journal, onProgress });
  const analysis = analyse(accesses, { chainId, method, cores, top, known });
  if (svg !== undefined) {
    const [{ boundChart }, { lightColours, renderSvg }] = await Promise.all([
      import("../execution/analyse/chart.js"),
      import("./chart.js"),
    ]);
    const { formatRange } = await import("./execution-analyse-text.js");
    const title = `Chain ${chainId}, ${formatRange(analysis)}: what parallel execution can give`;
    writeText(svg, await renderSvg(boundChart(title, analysis, lightColours)));
  }
  if (json) return void printJson(analysis);
  const { formatAnalysis } = await import("./execution-analyse-text.js");
  process.stdout.write(formatAnalysis(analysis));
}

type Source = { readonly kind: "file"; readonly file: string } | { readonly kind: "node"; readonly rpc: string };

/** @throws MeridianError unless there is one source, and nothing that goes with the other */
function sourceOf({ rpc, file, save }: AnalyseOptions, blocksGiven: boolean): Source {
  if (rpc !== undefined && file !== undefined) {
    throw new MeridianError("--rpc and --file are both given.", { hint: "Give a node or a recording." });
  }
  if (file !== undefined) {
    const [flag] = [...(blocksGiven ? ["--blocks"] : []), ...(save === undefined ? [] : ["--save"])];
    if (flag === undefined) return { kind: "file", file };
    throw new MeridianError(`${flag} goes with --rpc alone; a recording has its own blocks.`, {
      hint: "Leave it out, or give --rpc instead of --file.",
    });
  }
  if (rpc === undefined) {
    throw new MeridianError("Neither --rpc nor --file is given.", {
      hint: "Give --rpc URL --blocks A..B, or --file with a recording.",
    });
  }
  if (!URL.canParse(rpc) || !/^https?:$/.test(new URL(rpc).protocol)) {
    throw new MeridianError(`--rpc is no HTTP address.`, { hint: "Such as http://127.0.0.1:8545." });
  }
  return { kind: "node", rpc };
}

async function readRecording(file: string) {
  const { parseRecording } = await import("../execution/analyse/node/recording.js");
  const { accessOf } = await import("../execution/analyse/access-sets.js");
  const { chainId, method, blocks } = parseRecording(readText(file), file);
  return { chainId, method: method as string, accesses: blocks.map(accessOf) };
}

async function readNode(rpcUrl: string, { blocks = "latest", save }: AnalyseOptions) {
  const { recordBlocks } = await import("../execution/analyse/node/record-blocks.js");
  const { accessOf } = await import("../execution/analyse/access-sets.js");
  const progress = tracingProgress();
  const stopping = new AbortController();
  const stop = () => stopping.abort();
  process.once("SIGINT", stop);
  try {
    const options = { rpcUrl, blocks, signal: stopping.signal, onBlock: progress.done };
    const stream = await recordBlocks(options);
    const accesses = [];
    const kept = [];
    let method: string | undefined;
    for await (const one of stream.blocks) {
      accesses.push(accessOf(one.recorded));
      if (save !== undefined) kept.push(one.recorded);
      // Of a block without transactions nothing was asked that another node could not answer.
      if (method === undefined || one.recorded.block.transactions.length > 0) method = one.method;
    }
    const { chainId } = stream;
    if (save !== undefined) {
      writeText(save, `${JSON.stringify({ schemaVersion: 1, chainId, method, blocks: kept })}\n`);
    }
    return { chainId, method: method ?? "", accesses };
  } finally {
    process.removeListener("SIGINT", stop);
    progress.clear();
  }
}

/** Says how many blocks were traced, once it has taken two seconds. */
function tracingProgress() {
  const { stderr } = process;
  let next = Date.now() + QUIET_MS;
  return {
    done: (done: number, of: number): void => {
      if (Date.now() < next) return;
      next = Date.now() + (stderr.isTTY ? PAUSE_MS.terminal : PAUSE_MS.log);
      const line = `… traced ${done} of ${of} blocks`;
      stderr.write(stderr.isTTY ? `\r\u001b[K${line}` : `${line}\n`);
    },
    clear: (): void => {
      if (stderr.isTTY) stderr.write("\r\u001b[K");
    },
  };
}
