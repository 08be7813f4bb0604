import { exporterSeries } from "../operations/exporter/metric-names";
import besu from "./data/besu-metrics.json";
import kubernetes from "./data/kubernetes-metrics.json";
import { seriesOf } from "./promql";

/** Every series that somebody exports: Besu, the exporter, and the kubelet. */
export const knownSeries: ReadonlySet<string> = new Set([...besu.metrics, ...exporterSeries, ...kubernetes.metrics]);

/** The series of expressions that nobody exports, each once. */
export const unknownSeries = (expressions: readonly string[]): string[] => [
  ...new Set(expressions.flatMap(seriesOf).filter((name) => !knownSeries.has(name))),
];
