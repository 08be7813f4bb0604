import type { Span } from "./report-data";

/** The part of a run that the timeline shows; its end is after its beginning. */
export type Viewport = Span;

/** Nobody needs to see less than this, in milliseconds. */
const shortestMs = 200;

/** All of a run, however short. */
export const wholeRun = (totalMs: number): Viewport => ({ startMs: 0, endMs: Math.max(totalMs, shortestMs) });

/** Moves a view of the given length into the run. */
const within = (startMs: number, lengthMs: number, totalMs: number): Viewport => {
  const whole = wholeRun(totalMs);
  const length = Math.min(Math.max(lengthMs, Math.min(shortestMs, whole.endMs)), whole.endMs);
  const start = Math.min(Math.max(startMs, 0), whole.endMs - length);
  return { startMs: start, endMs: start + length };
};

/**
 * Shows `1 / factor` of what is shown now; the moment `aroundMs` stays where it is.
 * @param factor above 1 to see less time in more detail
 */
export const zoom = ({ startMs, endMs }: Viewport, factor: number, aroundMs: number, totalMs: number): Viewport => {
  const length = Math.min(Math.max((endMs - startMs) / factor, shortestMs), wholeRun(totalMs).endMs);
  const share = (aroundMs - startMs) / (endMs - startMs);
  return within(aroundMs - share * length, length, totalMs);
};

/** Moves the view by `deltaMs`, no further than the run goes. */
export const pan = ({ startMs, endMs }: Viewport, deltaMs: number, totalMs: number): Viewport =>
  within(startMs + deltaMs, endMs - startMs, totalMs);

/** Moves the view no more than needed to show a span; its beginning when it does not fit. */
export const reveal = (view: Viewport, span: Span, totalMs: number): Viewport => {
  const length = view.endMs - view.startMs;
  const margin = length * 0.05;
  if (span.startMs < view.startMs || span.endMs - span.startMs > length) {
    const begun = span.startMs <= view.startMs && span.endMs >= view.endMs;
    return begun ? view : within(span.startMs - margin, length, totalMs);
  }
  return span.endMs > view.endMs ? within(span.endMs + margin - length, length, totalMs) : view;
};

/** Round distances between the marks of the time axis, in milliseconds. */
const steps = [
  10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 900_000,
  1_800_000, 3_600_000, 7_200_000, 14_400_000, 28_800_000, 86_400_000,
];

/** A mark of the time axis. */
export interface Tick {
  readonly atMs: number;
  readonly label: string;
}

const unitOf = (stepMs: number, untilMs: number): { readonly ms: number; readonly name: string } => {
  if (stepMs >= 3_600_000) return { ms: 3_600_000, name: "h" };
  return stepMs >= 60_000 || untilMs > 600_000 ? { ms: 60_000, name: "min" } : { ms: 1000, name: "s" };
};

const labelOf = (atMs: number, stepMs: number, untilMs: number): string => {
  const unit = unitOf(stepMs, untilMs);
  if (atMs === 0) return "0";
  if (unit.name === "min" && stepMs < 60_000) {
    const seconds = (atMs % 60_000) / 1000;
    const digits = stepMs < 1000 ? Math.ceil(-Math.log10(stepMs / 1000)) : 0;
    return `${Math.floor(atMs / 60_000)}:${seconds.toFixed(digits).padStart(digits > 0 ? digits + 3 : 2, "0")}`;
  }
  return `${Number((atMs / unit.ms).toFixed(3))} ${unit.name}`;
};

/**
 * Marks at round times.
 * @param most how many there may be; at least 1
 */
export const ticks = ({ startMs, endMs }: Viewport, most: number): Tick[] => {
  const step = steps.find((ms) => (endMs - startMs) / ms <= most) ?? (endMs - startMs) / most;
  const marks: Tick[] = [];
  for (let n = Math.ceil(startMs / step); n * step <= endMs; n += 1) {
    marks.push({ atMs: n * step, label: labelOf(n * step, step, endMs) });
  }
  return marks;
};
