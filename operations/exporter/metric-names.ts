/** A series of the exporter. */
export interface MetricDefinition {
  readonly type: "gauge" | "counter" | "histogram";
  readonly help: string;
  readonly labels: readonly string[];
}

const validator = ["region", "ordinal"] as const;

/** Everything that the exporter exports, by name; docs/monitoring.md has the same table. */
export const exporterMetrics = {
  meridian_validator_up: gauge("Whether the validator answers: 1 or 0", validator),
  meridian_validator_ready: gauge("Whether it answers, fetches no chain and is at most 3 blocks behind", validator),
  meridian_validator_head: gauge("Number of the validator's newest block", validator),
  meridian_validator_peers: gauge("Peers that the validator has", validator),
  meridian_validator_info: gauge("1, with what the validator says of itself", [
    ...validator,
    "address",
    "version",
    "genesis",
  ]),
  meridian_chain_head: gauge("Number of the newest block that any validator tells of"),
  meridian_chain_head_timestamp_seconds: gauge("When that block was made, in seconds of the epoch"),
  meridian_chain_validators: gauge("Validators of the newest block"),
  meridian_chain_quorum: gauge("Validators that a block needs: ceil(2N/3)"),
  meridian_blocks_total: counter("Blocks read"),
  meridian_block_rounds_total: counter("Rounds beyond the first that blocks took"),
  meridian_block_interval_seconds: histogram("Seconds between two blocks"),
  meridian_proposed_blocks_total: counter("Blocks that a validator proposed", ["validator"]),
  meridian_missed_proposals_total: counter("Turns of a validator that did not become a block", ["validator"]),
  meridian_last_proposed_block: gauge("Number of the newest block that a validator proposed", ["validator"]),
  meridian_validator_set_changes_total: counter("Validators that joined or left", ["change"]),
  meridian_checkpoint_info: gauge("1, with the hash that a validator has at a checkpoint", [
    ...validator,
    "number",
    "hash",
  ]),
  meridian_forked_checkpoints: gauge("Checkpoints at which validators have different blocks"),
  meridian_expiry_timestamp_seconds: gauge("When a certificate, key or secret ends, in seconds of the epoch", [
    "region",
    "name",
  ]),
  meridian_region_location: gauge("1, with where the region is", ["region", "latitude", "longitude"]),
  meridian_cost_usd_per_month: gauge("What is paid at list prices in a month of 730 hours, in USD", ["what"]),
  meridian_exporter_polls_total: counter("Rounds of questions that the exporter has asked", ["result"]),
  meridian_exporter_last_poll_timestamp_seconds: gauge("When the last one ended, in seconds of the epoch"),
} satisfies Readonly<Record<string, MetricDefinition>>;

export type ExporterMetric = keyof typeof exporterMetrics;

/** Names of the series that a scrape of the exporter has: a histogram has three. */
export const exporterSeries: readonly string[] = Object.entries(exporterMetrics).flatMap(
  ([name, { type }]: [string, MetricDefinition]) =>
    type === "histogram" ? ["_bucket", "_sum", "_count"].map((end) => name + end) : [name],
);

function gauge(help: string, labels: readonly string[] = []): MetricDefinition {
  return { type: "gauge", help, labels };
}

function counter(help: string, labels: readonly string[] = []): MetricDefinition {
  return { type: "counter", help, labels };
}

function histogram(help: string): MetricDefinition {
  return { type: "histogram", help, labels: [] };
}
