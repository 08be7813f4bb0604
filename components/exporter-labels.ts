/** What a region's exporter bears, and nothing else does. */
export const exporterLabels = {
  "app.kubernetes.io/name": "exporter",
  "app.kubernetes.io/component": "exporter",
} as const;

/** The exporter of the same cluster, from another of its namespaces. */
export const exporterPods = {
  namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "besu" } },
  podSelector: { matchLabels: exporterLabels },
};
