import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

import { EXPORTER_INTERVAL_SECONDS, EXPORTER_PORT } from "../operations/exporter/ports";
import { validatorNode } from "./cluster";
import { EXPORTER_FILE } from "./exporter-code";
import { restrictedContainer, restrictedPod } from "./pod-security";

/** The user `node` of Node.js' own image. */
const NODE_UID = 1000;

const CONFIG = "/etc/meridian";

/** Name of the file that says what to watch, in the exporter's ConfigMap. */
export const SETTINGS_FILE = "settings.json";

/** The pod of an exporter; it meets Kubernetes' "restricted" pod security standard, and no token opens anything to it. */
export function exporterPod(image: string, configMap: pulumi.Input<string>): types.input.core.v1.PodSpec {
  const asked = (path: string) => ({ httpGet: { path, port: "metrics" }, periodSeconds: 15, timeoutSeconds: 5 });
  return {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    // The system pool is for what AKS itself runs.
    nodeSelector: { [validatorNode.key]: validatorNode.value },
    tolerations: [{ ...validatorNode, operator: "Equal", effect: "NoSchedule" }],
    securityContext: restrictedPod(NODE_UID),
    containers: [
      {
        name: "exporter",
        image,
        command: ["node", "--max-old-space-size=96", `${CONFIG}/${EXPORTER_FILE}`],
        env: [
          { name: "EXPORTER_SETTINGS", value: `${CONFIG}/${SETTINGS_FILE}` },
          { name: "EXPORTER_PORT", value: String(EXPORTER_PORT) },
          { name: "EXPORTER_INTERVAL_SECONDS", value: String(EXPORTER_INTERVAL_SECONDS) },
        ],
        ports: [{ name: "metrics", containerPort: EXPORTER_PORT }],
        resources: { requests: { cpu: "20m", memory: "96Mi" }, limits: { memory: "256Mi" } },
        securityContext: restrictedContainer,
        volumeMounts: [{ name: "config", mountPath: CONFIG, readOnly: true }],
        // Not ready without an answer of a validator, and yet scraped: that nobody answers is what it has to tell.
        readinessProbe: asked("/readyz"),
        livenessProbe: { ...asked("/healthz"), initialDelaySeconds: 30, failureThreshold: 4 },
      },
    ],
    volumes: [{ name: "config", configMap: { name: configMap } }],
  };
}
