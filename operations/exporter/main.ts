import { readFileSync } from "node:fs";

import { serveExporter } from "./server";
import { createExporter, type ExporterSettings } from "./settings";

/** Variables of the pod (components/exporter.ts). */
const { EXPORTER_SETTINGS = "", EXPORTER_PORT = "", EXPORTER_INTERVAL_SECONDS = "" } = process.env;

/** The exporter in its pod: settings from a mounted file, until SIGTERM. */
async function main(): Promise<void> {
  const settings = JSON.parse(readFileSync(EXPORTER_SETTINGS, "utf8")) as ExporterSettings;
  const server = await serveExporter({
    exporter: createExporter(settings),
    host: "0.0.0.0",
    port: Number(EXPORTER_PORT),
    intervalMs: Number(EXPORTER_INTERVAL_SECONDS) * 1000,
  });
  process.stdout.write(`listening at ${server.url}\n`);
  for (const name of ["SIGTERM", "SIGINT"]) process.once(name, () => void server.close());
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
