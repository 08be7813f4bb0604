/** Where a node's files are in its container; a key only where it is a validator. */
export const paths = { data: "/data", config: "/etc/besu", key: "/etc/besu-key" } as const;
