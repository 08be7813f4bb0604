import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { buildSync } from "esbuild";

import { projectRoot } from "../../toolchain/paths";
import { type PageAssets, reportHtml } from "./html";
import type { ReportData } from "./report-data";

/** The page's script and style, each as one text. */
export const pageAssets = (): PageAssets => {
  const text = (entry: string): string => {
    const { outputFiles } = buildSync({
      absWorkingDir: join(projectRoot, "rehearsal", "report", "page"),
      entryPoints: [entry],
      bundle: true,
      write: false,
      minify: true,
      format: "iife",
      platform: "browser",
      target: ["es2023", "chrome120", "firefox121", "safari17"],
      logLevel: "silent",
    });
    return outputFiles[0]?.text ?? "";
  };
  return { script: text("main.ts"), style: text("page.css") };
};

/** Writes the report of a run as one HTML file. */
export const writeReport = (file: string, data: ReportData): void =>
  writeFileSync(file, reportHtml(data, pageAssets()));
