import { createDashboard } from "./panels";

const regionVariable = { name: "region", query: "label_values(meridian_validator_up, region)" };

/** What waits to be mined. */
export const poolDashboard = createDashboard({
  uid: "meridian-pool",
  title: "Meridian: transaction pool",
  description: "Transactions that wait, who sent them, and what the chain takes of them.",
  variables: [regionVariable],
  panels: [
    {
      title: "Transactions that wait",
      type: "timeseries",
      description: "Of each node's pool. Pools that differ much have lost touch.",
      queries: [
        {
          expression: 'max by (region, component) (besu_transaction_pool_number_of_transactions{region=~"$region"})',
          legend: "{{region}} {{component}}",
        },
      ],
    },
    {
      title: "Senders",
      type: "timeseries",
      description: "Different senders in the pool; one alone is held by meridian:chain.futureBySender.",
      queries: [
        {
          expression: 'max by (region) (besu_transaction_pool_unique_senders{region=~"$region"})',
          legend: "{{region}}",
        },
      ],
    },
    {
      title: "Space used by the pool",
      type: "timeseries",
      description: "Bytes of the pool, by region.",
      queries: [
        { expression: 'max by (region) (besu_transaction_pool_space_used{region=~"$region"})', legend: "{{region}}" },
      ],
      unit: "bytes",
    },
    {
      title: "Transactions mined",
      type: "timeseries",
      description: "A second, as the validators count them.",
      queries: [
        {
          expression: "max(rate(besu_blockchain_chain_head_transaction_count_counter_total[5m]))",
          legend: "transactions",
        },
      ],
      unit: "ops",
    },
  ],
});

const parallelized = "besu_block_processing_parallelized_transactions_counter_total";
const conflicted = "besu_block_processing_conflicted_transactions_counter_total";
const rate = (metric: string): string => `sum by (region) (rate(${metric}{region=~"$region"}[5m]))`;

/** What parallel execution is worth. */
export const executionDashboard = createDashboard({
  uid: "meridian-execution",
  title: "Meridian: parallel execution",
  description: "Transactions that were executed side by side, and those that had to be executed again.",
  variables: [regionVariable],
  panels: [
    {
      title: "Executed side by side, a second",
      type: "timeseries",
      description: "Transactions whose result of the parallel run was kept.",
      queries: [{ expression: rate(parallelized), legend: "{{region}}" }],
      unit: "ops",
    },
    {
      title: "In conflict, a second",
      type: "timeseries",
      description: "Transactions that read what another of the block wrote, and were executed again in order.",
      queries: [{ expression: rate(conflicted), legend: "{{region}}" }],
      unit: "ops",
    },
    {
      title: "Share in conflict",
      type: "timeseries",
      description: "All of them: a proposer's account without 1 wei makes every transaction conflict (docs/flags.md).",
      queries: [
        { expression: `${rate(conflicted)} / (${rate(conflicted)} + ${rate(parallelized)})`, legend: "{{region}}" },
      ],
      unit: "percentunit",
      thresholds: { orange: 0.5, red: 0.9 },
    },
    {
      title: "Processor",
      type: "timeseries",
      description: "Cores that Besu uses. On two cores parallel execution costs more than it gains.",
      queries: [
        {
          expression: 'max by (region) (rate(process_cpu_seconds_total{component="validator",region=~"$region"}[5m]))',
          legend: "{{region}}",
        },
      ],
    },
    {
      title: "Gas executed, a second",
      type: "timeseries",
      description: "As the validators count it.",
      queries: [{ expression: "max(rate(besu_blockchain_chain_head_gas_used_counter_total[5m]))", legend: "gas" }],
    },
  ],
});

/** What the fleet costs, and what that buys. */
export const costDashboard = createDashboard({
  uid: "meridian-cost",
  title: "Meridian: cost",
  description:
    "List prices of what the fleet is made of, for a month of 730 hours; what is billed by volume is not in it.",
  panels: [
    {
      title: "A month",
      type: "stat",
      description: "The sum of what has a price in docs/cost.md.",
      queries: [{ expression: "sum(max by (what) (meridian_cost_usd_per_month))" }],
      unit: "currencyUSD",
      ...{ width: 8, height: 6 },
    },
    {
      title: "A validator and month",
      type: "stat",
      description: "The same, over the validators of the chain.",
      queries: [
        { expression: "sum(max by (what) (meridian_cost_usd_per_month)) / scalar(max(meridian_chain_validators))" },
      ],
      unit: "currencyUSD",
      ...{ width: 8, height: 6 },
    },
    {
      title: "A thousand transactions",
      type: "stat",
      description: "At the pace of the last day; without transactions it shows nothing.",
      queries: [
        {
          expression:
            "1000 * sum(max by (what) (meridian_cost_usd_per_month)) / 30.4 / (max(increase(besu_blockchain_chain_head_transaction_count_counter_total[1d])) > 0)",
        },
      ],
      unit: "currencyUSD",
      ...{ width: 8, height: 6 },
    },
    {
      title: "What it is paid for",
      type: "bargauge",
      description: "Each line of `meridian cost`.",
      queries: [{ expression: "max by (what) (meridian_cost_usd_per_month)", legend: "{{what}}" }],
      unit: "currencyUSD",
      ...{ width: 24, height: 10 },
    },
  ],
});
