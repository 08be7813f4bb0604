import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import type { RpcSettings } from "../fleet-rpc";
import { renderNginxConfig } from "../gateway/nginx-config";
import { renderPolicy } from "../gateway/policy";
import { gatewayPaths } from "./rpc-pod";

export interface GatewayConfigArgs {
  readonly settings: RpcSettings;
  readonly namespace: pulumi.Input<string>;
  /** Names in the Host header that are answered. */
  readonly hosts: readonly string[];
  /** File names of the certificate's chain and key where they are mounted. */
  readonly certificate: { readonly chain: string; readonly key: string };
  /** Seconds that the newest block may be old before the gateway says that its node is not healthy. */
  readonly headAgeLimitSeconds: number;
  /** Id of the Front Door through which all calls come. @default any caller that can reach the gateway */
  readonly frontDoorId?: pulumi.Input<string>;
}

/** gateway.js is a file of its own, so that it can be read, tested and run as what it is. */
const SCRIPT = join(__dirname, "..", "gateway", "gateway.js");

/** The files of the gateway, and a digest that changes with them: nginx reads them at its start alone. */
export function createGatewayConfig(name: string, args: GatewayConfigArgs, opts: pulumi.CustomResourceOptions) {
  const files = pulumi.output(args.frontDoorId).apply((frontDoorId) => renderFiles(args, frontDoorId));
  const config = new kubernetes.core.v1.ConfigMap(
    name,
    { metadata: { name: "gateway", namespace: args.namespace }, data: files },
    opts,
  );
  const digest = files.apply((texts) => createHash("sha256").update(JSON.stringify(texts)).digest("hex"));
  return { configMap: config.metadata.name, digest };
}

function renderFiles(args: GatewayConfigArgs, frontDoorId: string | undefined) {
  const { origins, requestsPerSecond, connections, maxBodyKiB, methods, maxBatch } = args.settings;
  const maxBodyBytes = maxBodyKiB * 1024;
  const file = (path: string) => `${gatewayPaths.certificate}/${path}`;
  return {
    "nginx.conf": renderNginxConfig({
      ...{ origins, requestsPerSecond, connections, maxBodyBytes, frontDoorId },
      hosts: args.hosts,
      certificate: { chain: file(args.certificate.chain), key: file(args.certificate.key) },
      scripts: gatewayPaths.config,
    }),
    "gateway.js": readFileSync(SCRIPT, "utf8"),
    "policy.js": renderPolicy({
      ...{ methods, maxBatch, maxBodyBytes },
      messagesPerSecond: requestsPerSecond,
      headAgeSeconds: args.headAgeLimitSeconds,
    }),
  };
}
