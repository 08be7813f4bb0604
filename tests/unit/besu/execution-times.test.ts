import { EXECUTION_LOGGING, executionTimes } from "../../../besu/execution-times";

const LOG = `1000000000 INFO Starting Besu
2000000000 TRACE traceStartBlock for 7
2012500000 TRACE traceEndBlock for 7
2013000000 TRACE traceStartBlock for 8
2014000000 INFO Imported #7 / 3 tx
2020000000 TRACE traceStartBlock for 8
2021250000 TRACE traceEndBlock for 8
2030000000 TRACE traceStartBlock for 9
`;

test("the time between a block's two lines, of its last execution; none for a block that did not end", () => {
  expect([...executionTimes(LOG)]).toEqual([
    [7, 12.5],
    [8, 1.25],
  ]);
});

test("only one class is made to say more", () => {
  expect(EXECUTION_LOGGING.match(/level="TRACE"/g)).toHaveLength(1);
});
