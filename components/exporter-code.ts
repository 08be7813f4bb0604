import { createHash } from "node:crypto";
import { join } from "node:path";

import { buildSync } from "esbuild";

/** Name of the exporter's file in its ConfigMap. */
export const EXPORTER_FILE = "exporter.js";

export interface ExporterCode {
  /** A whole program in one file; runs on Node.js 20 and newer. */
  readonly text: string;
  /** Changes with the text. */
  readonly digest: string;
}

let built: ExporterCode | undefined;

/** The exporter with all its packages as one file, the same for the same sources; built once a process. */
export function exporterCode(): ExporterCode {
  built ??= build();
  return built;
}

function build(): ExporterCode {
  const { outputFiles } = buildSync({
    absWorkingDir: join(__dirname, ".."),
    entryPoints: ["operations/exporter/main.ts"],
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    // A ConfigMap holds 1 MiB, and it stands in the state once a region.
    minify: true,
    write: false,
    logLevel: "error",
  });
  const text = outputFiles[0]?.text ?? "";
  return { text, digest: createHash("sha256").update(text).digest("hex") };
}
