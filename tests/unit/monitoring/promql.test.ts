import { seriesOf } from "../../../monitoring/promql";

test.each([
  ["up", ["up"]],
  ["time() - max(a_b:c) > 60", ["a_b:c"]],
  [
    'sum by (region, x) (rate(m_total{name="RoundChange",p=~"a/.*"}[5m])) / on (region) group_left (y) n',
    ["m_total", "n"],
  ],
  ["absent(a) or a unless b and c offset 5m", ["a", "b", "c"]],
  ["max without (pod) (m) * on () group_left m2 > bool 1e3", ["m", "m2"]],
  ['count(x{label="sum(y) } [z]"}) < Inf', ["x"]],
  ["histogram_quantile(0.95, sum by (le) (rate(h_bucket[$__rate_interval])))", ["h_bucket"]],
  ['label_replace(a{region=~"$region"}, "x", "$1", "y", "(.*)")', ["a"]],
  ["predict_linear(v[6h], 4 * 86400) < 0", ["v"]],
] as const)("%s reads %j", (expression, series) => {
  expect(seriesOf(expression)).toEqual(series);
});
