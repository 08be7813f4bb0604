/** What all pods of validators bear, and nothing else does. */
export const validatorLabels = {
  "app.kubernetes.io/name": "besu",
  "app.kubernetes.io/component": "validator",
} as const;
