/** Where an exporter listens: next to Besu's own 9545, and free of it on one machine. */
export const EXPORTER_PORT = 9645;

/** Between two polls, in seconds. */
export const EXPORTER_INTERVAL_SECONDS = 15;
