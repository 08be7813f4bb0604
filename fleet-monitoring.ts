import { z } from "zod";

import { flag, settings, text } from "./fleet-schema";

/** Metrics, dashboards and alerts of a network. */
export const monitoringSchema = settings({
  enabled: flag.default(false),
  grafana: flag.default(true),
  // Who is told of an alert.
  emails: z
    .array(text("an e-mail address", /^[^\s@]+@[^\s@]+\.[^\s@]+$/), { error: "Allowed: a list of e-mail addresses." })
    .default([]),
  runbooks: text("an https URL, or a folder of the checkout", /^(https:\/\/[^\s@]+|[\w./-]+)$/).default(
    "docs/runbooks",
  ),
  exporterImage: text("a container image with node 20 or newer, and its tag").default("node:22.21.1-alpine3.22"),
});

export type MonitoringSettings = z.output<typeof monitoringSchema>;
