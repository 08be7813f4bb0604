import { parallelCounters, sumCounters } from "../../../besu/parallel-counters";

/** As Besu 26.4 answered at /metrics, cut. */
const METRICS = `# HELP besu_block_processing_conflicted_transactions_counter_total Counter for the number of conflicted transactions during block processing
# TYPE besu_block_processing_conflicted_transactions_counter_total counter
besu_block_processing_conflicted_transactions_counter_total 3.0
# HELP besu_block_processing_parallelized_transactions_counter_total Counter for the number of parallelized transactions during block processing
# TYPE besu_block_processing_parallelized_transactions_counter_total counter
besu_block_processing_parallelized_transactions_counter_total 1.2E2
besu_network_p2p_messages_inbound_total{name="RoundChange",protocol="istanbul/100"} 0.0
`;

test("the counters of a node that executes in parallel", () => {
  expect(parallelCounters(METRICS)).toEqual({ on: true, parallelized: 120, conflicted: 3 });
});

test("a node that executes one after the other has no counters, and what is no Besu no metric", () => {
  expect(parallelCounters("ethereum_blockchain_height 7.0\n")).toEqual({ on: false, parallelized: 0, conflicted: 0 });
  expect(parallelCounters("<html>not here</html>\n")).toBeUndefined();
});

test("a counter of another name is not taken for one of these", () => {
  const other = METRICS.replaceAll("parallelized_transactions", "paralelized_transactions");
  expect(parallelCounters(other)).toEqual({ on: true, parallelized: 0, conflicted: 3 });
});

test("several nodes are counted together, and none is nothing", () => {
  const [one, two] = [
    { on: true, parallelized: 1, conflicted: 2 },
    { on: false, parallelized: 0, conflicted: 0 },
  ];
  expect(sumCounters([one, two, one])).toEqual({ on: true, parallelized: 2, conflicted: 4 });
  expect(sumCounters([])).toBeUndefined();
});
