import { Counter, Gauge, Histogram, Registry } from "prom-client";

import { type ExporterMetric, exporterMetrics, type MetricDefinition } from "./metric-names";

/** Upper bounds of the seconds between two blocks: the usual period, a missed turn or two, a halt. */
const INTERVAL_BUCKETS = [1, 2, 3, 4, 6, 8, 12, 20, 30, 60, 120, 300];

export type Labels = Readonly<Record<string, string | number>>;

/** The exporter's registry; every series is declared in metric-names.ts. */
export class ExporterMetrics {
  readonly registry = new Registry();
  private readonly gauges = new Map<string, Gauge>();
  private readonly counters = new Map<string, Counter>();
  private readonly histograms = new Map<string, Histogram>();

  constructor() {
    const registers = [this.registry];
    for (const [name, { type, help, labels }] of Object.entries<MetricDefinition>(exporterMetrics)) {
      const common = { name, help, registers, labelNames: [...labels] };
      if (type === "gauge") this.gauges.set(name, new Gauge(common));
      else if (type === "counter") this.counters.set(name, new Counter(common));
      else this.histograms.set(name, new Histogram({ ...common, buckets: INTERVAL_BUCKETS }));
    }
  }

  set(name: ExporterMetric, value: number, labels: Labels = {}): void {
    this.gauges.get(name)?.set({ ...labels }, value);
  }

  /** Takes all series of a gauge away: those that are still true are set again. */
  reset(name: ExporterMetric): void {
    this.gauges.get(name)?.reset();
  }

  /** @param by 0 makes a series that has not counted yet, so that its first count is seen as one */
  count(name: ExporterMetric, by = 1, labels: Labels = {}): void {
    this.counters.get(name)?.inc({ ...labels }, by);
  }

  observe(name: ExporterMetric, value: number): void {
    this.histograms.get(name)?.observe(value);
  }

  /** The text that Prometheus reads, and its content type. */
  async render(): Promise<{ readonly text: string; readonly contentType: string }> {
    return { text: await this.registry.metrics(), contentType: this.registry.contentType };
  }
}
