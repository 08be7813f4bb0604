import type { z } from "zod";

import { ipv4Ranges, settings, text } from "./fleet-schema";

/** Azure Resource Manager of the public cloud. */
export const PUBLIC_ENDPOINT = "https://management.azure.com";

/** Plain http is for this machine alone: elsewhere it would carry a token that anybody on the way could use. */
const ENDPOINT = /^(https:\/\/[^\s@/?#]+|http:\/\/(127\.0\.0\.1|localhost)(:\d{1,5})?)$/;

/** How `meridian status`, `start`, `stop` and `recover` reach the network. */
export const operationsSchema = settings({
  endpoint: text(
    "an https URL without path, or http on 127.0.0.1 or localhost: a rehearsed Azure (meridian cloud)",
    ENDPOINT,
  ).default(PUBLIC_ENDPOINT),
  subscriptionId: text("the id of an Azure subscription", /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i).optional(),
  validatorUrl: text(
    "an http(s) URL with {host} in it, without user or password",
    /^https?:\/\/[^\s@]*\{host\}[^\s@]*$/,
  ).default("http://{host}:8545"),
  metricsUrl: text(
    "an http(s) URL with {host} in it, without user or password",
    /^https?:\/\/[^\s@]*\{host\}[^\s@]*$/,
  ).default("http://{host}:9545/metrics"),
  clients: ipv4Ranges.default([]),
});

export type OperationsSettings = z.output<typeof operationsSchema>;
