import { z } from "zod";

import { MeridianError } from "../../errors";
import type { Sample } from "./fit";

/** One finished operation of a real deployment, as `meridian up` records it: a line of JSON, and nothing but this. */
export interface Timing {
  readonly type: string;
  readonly urn: string;
  readonly operation: string;
  readonly seconds: number;
  readonly outcome: "succeeded" | "failed";
}

/** A resource in an event; a component is one that is not custom. */
interface StepState {
  readonly custom?: boolean;
}

interface StepEvent {
  readonly metadata?: {
    readonly op?: string;
    readonly urn?: string;
    readonly type?: string;
    readonly old?: StepState | null;
    readonly new?: StepState | null;
  };
  /** True in a preview, in which nothing happens. */
  readonly planning?: boolean;
}

/** The engine events that tell when an operation begins and ends (pulumi/pulumi sdk/go/common/apitype/events.go). */
export interface TimedEvent {
  readonly resourcePreEvent?: StepEvent;
  readonly resOutputsEvent?: StepEvent;
  readonly resOpFailedEvent?: StepEvent;
}

/** Operations that a provider carries out. */
const timed = /^(create|update|delete|read)(-replacement|-replaced)?$/;

/**
 * Measures operations by the moments at which the engine says that they begin and end. The engine's own time stamps are
 * whole seconds, so the caller's clock is used. Keeps urn, type and duration; inputs, outputs and messages it never reads.
 */
export class Stopwatch {
  private readonly begun = new Map<string, number>();
  /** Most operations that were under way at once. */
  peak = 0;

  /**
   * @param atMs when the event arrived, in milliseconds
   * @returns the operation that has ended with it
   */
  take(event: TimedEvent, atMs: number): Timing | undefined {
    const ended = event.resOutputsEvent ?? event.resOpFailedEvent;
    const step = event.resourcePreEvent ?? ended;
    const { op = "", urn = "", type = "", ...states } = step?.metadata ?? {};
    const state = states.new ?? states.old;
    if (state !== undefined && state !== null && state.custom !== true) return undefined;
    if (step === undefined || step.planning === true || !timed.test(op) || type.startsWith("pulumi:")) return undefined;
    const key = `${op} ${urn}`;
    if (ended === undefined) {
      this.begun.set(key, atMs);
      this.peak = Math.max(this.peak, this.begun.size);
      return undefined;
    }
    const since = this.begun.get(key);
    this.begun.delete(key);
    if (since === undefined) return undefined;
    const outcome = event.resOpFailedEvent === undefined ? "succeeded" : "failed";
    return { type, urn, operation: op, seconds: (atMs - since) / 1000, outcome };
  }
}

const timingSchema = z.object({
  type: z.string().min(1),
  urn: z.string().min(1),
  operation: z.string().min(1),
  seconds: z.number().nonnegative(),
  outcome: z.enum(["succeeded", "failed"]),
});

/** A line of `pulumi up --event-log`; its other members it keeps to itself. */
const eventSchema = z.looseObject({ sequence: z.number(), timestamp: z.number() });

/** The engine's own time stamps are whole seconds: what begins and ends in the same one is taken to be half of it. */
const halfASecond = 0.5;

const parsed = (line: string): unknown => {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
};

/** What a line tells: an operation, or that it is an event which ends none. */
const timingOf = (line: string, watch: Stopwatch): Timing | "none" | undefined => {
  const value = parsed(line);
  const timing = timingSchema.safeParse(value).data;
  if (timing !== undefined) return timing;
  const event = eventSchema.safeParse(value).data;
  if (event === undefined) return undefined;
  const ended = watch.take(event as TimedEvent, event.timestamp * 1000);
  return ended === undefined ? "none" : { ...ended, seconds: Math.max(halfASecond, ended.seconds) };
};

/**
 * The creations that succeeded in a file of `meridian up`, or of `pulumi up --event-log <file>` (which takes
 * PULUMI_DEBUG_COMMANDS=1). Components, which take no time of their own, are not in it.
 * @param file for the message
 * @throws MeridianError naming the first line that is none of its lines
 */
export const samplesOf = (text: string, file: string): Sample[] => {
  const watch = new Stopwatch();
  return text.split("\n").flatMap((line, index) => {
    if (line.trim() === "") return [];
    const timing = timingOf(line, watch);
    if (timing === undefined) {
      throw new MeridianError(`${file}:${index + 1} is no recorded operation: ${line.slice(0, 60)}`, {
        hint: 'Allowed: lines such as {"type":"…","urn":"…","operation":"create","seconds":4.2,"outcome":"succeeded"}, as meridian up writes them, or the engine\'s events.',
      });
    }
    if (timing === "none") return [];
    const { type, seconds, operation, outcome } = timing;
    return operation.startsWith("create") && outcome === "succeeded" ? [{ type, seconds }] : [];
  });
};
