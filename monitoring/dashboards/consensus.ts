import { createDashboard, type Dashboard } from "./panels";

const messages = (name: string): string =>
  `sum by (region) (rate(besu_network_p2p_messages_inbound_total{protocol=~"istanbul/.*",name="${name}",region=~"$region"}[5m]))`;

const regionVariable = { name: "region", query: "label_values(meridian_validator_up, region)" };

/** How long blocks take, and how many rounds. */
export const roundsDashboard = createDashboard({
  uid: "meridian-rounds",
  title: "Meridian: rounds and block time",
  description: "Seconds between blocks, rounds beyond the first, and the messages that say a round changes.",
  variables: [regionVariable],
  panels: [
    {
      title: "Block time",
      type: "timeseries",
      description: "Seconds between two blocks: mean and 95th percentile of five minutes.",
      queries: [
        {
          expression:
            "max(rate(meridian_block_interval_seconds_sum[5m])) / max(rate(meridian_block_interval_seconds_count[5m]))",
          legend: "mean",
        },
        {
          expression: "histogram_quantile(0.95, max by (le) (rate(meridian_block_interval_seconds_bucket[5m])))",
          legend: "95th percentile",
        },
      ],
      unit: "s",
    },
    {
      title: "Rounds beyond the first, a block",
      type: "timeseries",
      description: "From the blocks' headers. One proposer of N that is away makes 1/N.",
      queries: [
        {
          expression: "max(rate(meridian_block_rounds_total[5m])) / max(rate(meridian_blocks_total[5m]))",
          legend: "rounds",
        },
      ],
    },
    {
      title: "RoundChange messages for a Commit message",
      type: "timeseries",
      description: "Climbs while no block comes, when headers say nothing. Above 0.25 it is an alert.",
      queries: [{ expression: `${messages("RoundChange")} / ${messages("Commit")}`, legend: "{{region}}" }],
      thresholds: { orange: 0.1, red: 0.25 },
    },
    {
      title: "Distribution of block times",
      type: "heatmap",
      description: "Seconds between two blocks over time; a second band is a missed turn.",
      queries: [{ expression: "max by (le) (increase(meridian_block_interval_seconds_bucket[5m]))", legend: "{{le}}" }],
      options: { calculate: false, yAxis: { unit: "s" } },
    },
    {
      title: "Gas of the newest block",
      type: "timeseries",
      description: "Used, and the limit. Blocks near the limit take longest.",
      queries: [
        { expression: "max(besu_blockchain_chain_head_gas_used)", legend: "used" },
        { expression: "max(besu_blockchain_chain_head_gas_limit)", legend: "limit" },
      ],
    },
    {
      title: "Consensus messages",
      type: "timeseries",
      description: "Inbound messages a second of each kind, over all validators of the chosen regions.",
      queries: [
        {
          expression:
            'sum by (name) (rate(besu_network_p2p_messages_inbound_total{protocol=~"istanbul/.*",region=~"$region"}[5m]))',
          legend: "{{name}}",
        },
      ],
    },
  ],
});

const share = (metric: string): string =>
  `max by (validator) (increase(${metric}[1h])) / scalar(max(increase(meridian_blocks_total[1h])))`;

/** Whether all validators propose as often as they should. */
export const fairnessDashboard = createDashboard({
  uid: "meridian-fairness",
  title: "Meridian: proposer fairness",
  description: "Each validator's share of the blocks, the turns that it missed, and changes of the set.",
  panels: [
    {
      title: "Share of the blocks, an hour",
      type: "bargauge",
      description: "Proposers take turns, so each has 1/N of the blocks. Less is a validator that is away or slow.",
      queries: [{ expression: share("meridian_proposed_blocks_total"), legend: "{{validator}}" }],
      unit: "percentunit",
      height: 12,
    },
    {
      title: "Turns missed, an hour",
      type: "bargauge",
      description: "Turns that did not become a block, by validator.",
      queries: [
        { expression: "max by (validator) (increase(meridian_missed_proposals_total[1h]))", legend: "{{validator}}" },
      ],
      thresholds: { orange: 1, red: 3 },
      height: 12,
    },
    {
      title: "Unevenness",
      type: "timeseries",
      description: "Standard deviation of the validators' shares over 1/N: 0 when all are equal.",
      queries: [
        {
          expression: `stddev(${share("meridian_proposed_blocks_total")}) * scalar(max(meridian_chain_validators))`,
          legend: "unevenness",
        },
      ],
      unit: "percentunit",
    },
    {
      title: "Blocks since each validator's last",
      type: "timeseries",
      description: "Above N a validator has missed its turn.",
      queries: [
        {
          expression: "scalar(max(meridian_chain_head)) - max by (validator) (meridian_last_proposed_block)",
          legend: "{{validator}}",
        },
      ],
    },
    {
      title: "Changes of the set of validators",
      type: "timeseries",
      description: "Validators voted in and out.",
      queries: [
        { expression: "max by (change) (increase(meridian_validator_set_changes_total[15m]))", legend: "{{change}}" },
      ],
    },
    {
      title: "Validators and quorum",
      type: "timeseries",
      description: "N, and the ceil(2N/3) that a block needs.",
      queries: [
        { expression: "max(meridian_chain_validators)", legend: "validators" },
        { expression: "max(meridian_chain_quorum)", legend: "quorum" },
      ],
    },
  ],
});

/** Who has how many of the others as peers. */
export const peersDashboard: Dashboard = createDashboard({
  uid: "meridian-peers",
  title: "Meridian: peers",
  description: "Peers of every validator, over time and now, and what they say to each other.",
  variables: [regionVariable],
  panels: [
    {
      title: "Peers that lack, by validator and time",
      type: "status-history",
      description: "0 is a full mesh with all that answer. A row is a validator, a column a moment for all of them.",
      queries: [
        {
          expression:
            'scalar(sum(max by (region, ordinal) (meridian_validator_up))) - 1 - max by (region, ordinal) (meridian_validator_peers{region=~"$region"})',
          legend: "{{region}} {{ordinal}}",
        },
      ],
      thresholds: { orange: 1, red: 2 },
      ...{ width: 24, height: 14 },
    },
    {
      title: "Peers now: regions by number within the region",
      type: "table",
      description: "A matrix of peer counts: a region a row, its validators the columns.",
      queries: [{ expression: 'max by (region, ordinal) (meridian_validator_peers{region=~"$region"})', as: "table" }],
      transformations: [
        { id: "groupingToMatrix", options: { rowField: "region", columnField: "ordinal", valueField: "Value" } },
      ],
      thresholds: { orange: 1_000, red: 3 },
    },
    {
      title: "Connections made",
      type: "timeseries",
      description: "New connections a minute. A steady rate is a peer that comes and goes.",
      queries: [
        {
          expression: 'sum by (region) (rate(besu_peers_connected_total{region=~"$region"}[5m])) * 60',
          legend: "{{region}}",
        },
      ],
    },
    {
      title: "Traffic between nodes",
      type: "timeseries",
      description: "Bytes a second in and out, by region.",
      queries: [
        {
          expression: 'sum by (region) (rate(besu_network_p2p_bytes_inbound_total{region=~"$region"}[5m]))',
          legend: "{{region}} in",
        },
        {
          expression: 'sum by (region) (rate(besu_network_p2p_bytes_outbound_total{region=~"$region"}[5m]))',
          legend: "{{region}} out",
        },
      ],
      unit: "Bps",
    },
  ],
});
