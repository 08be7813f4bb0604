/** Namespace of the RPC nodes: apart from the validators', whose keys and identities nothing here can name. */
export const RPC_NAMESPACE = "rpc";

/** What all pods of RPC nodes bear, and nothing else does. */
export const rpcLabels = {
  "app.kubernetes.io/name": "besu",
  "app.kubernetes.io/component": "rpc",
} as const;

/** Where RPC nodes run: a taint keeps everything else away, a label leads them there. */
export const rpcNode = { key: "meridian.io/role", value: "rpc" } as const;
