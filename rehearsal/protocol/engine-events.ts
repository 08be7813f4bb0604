import type { Diagnostic, FailedStep } from "../../operations/deploy/stack";
import type { PlannedStep } from "../../policy/replacements";
import { WithdrawnError } from "../clock/virtual-clock";

/** One engine event, as far as it matters here (pulumi/pulumi sdk/go/common/apitype/events.go). */
export interface EngineEvent {
  readonly diagnosticEvent?: { readonly urn?: string; readonly message: string; readonly severity: string };
  readonly summaryEvent?: { readonly resourceChanges?: Readonly<Record<string, number>> };
  readonly resourcePreEvent?: {
    readonly metadata?: {
      readonly urn?: string;
      readonly type?: string;
      readonly op?: string;
      readonly keys?: readonly string[] | null;
    };
  };
  readonly resOpFailedEvent?: {
    readonly metadata?: {
      readonly urn?: string;
      readonly type?: string;
      readonly new?: { readonly parent?: string; readonly provider?: string } | null;
    };
  };
}

/** What is kept of an event; debug messages hold what the SDK sends and steps hold inputs, secrets included. */
export const told = (event: EngineEvent): EngineEvent | undefined => {
  const { diagnosticEvent, summaryEvent, resourcePreEvent, resOpFailedEvent } = event;
  if (summaryEvent !== undefined) return { summaryEvent };
  if (resourcePreEvent?.metadata !== undefined) {
    const { urn = "", type = "", op = "", keys } = resourcePreEvent.metadata;
    return { resourcePreEvent: { metadata: { urn, type, op, ...(keys && { keys }) } } };
  }
  const { severity } = diagnosticEvent ?? {};
  if (diagnosticEvent !== undefined && (severity === "error" || severity === "warning")) return { diagnosticEvent };
  const { urn, type, new: state } = resOpFailedEvent?.metadata ?? {};
  if (urn === undefined || type === undefined) return undefined;
  const { parent, provider } = state ?? {};
  return {
    resOpFailedEvent: {
      metadata: {
        urn,
        type,
        new: { ...(parent !== undefined && { parent }), ...(provider !== undefined && { provider }) },
      },
    },
  };
};

// Control sequences of the engine's colours; messages carry them even in the event log.
const colours = /\x1b\[[0-9;]*m|<\{%[^%]*%\}>/g;

const isNoise = (message: string): boolean => message.includes(WithdrawnError.marker) || message.trim() === "";

/** Errors and warnings that the engine showed. */
export const diagnosticsOf = (events: readonly EngineEvent[]): Diagnostic[] =>
  events.flatMap(({ diagnosticEvent: event }) => {
    if (event === undefined || isNoise(event.message)) return [];
    if (event.severity !== "error" && event.severity !== "warning") return [];
    const message = event.message.replaceAll(colours, "").trim();
    return [{ severity: event.severity, message, ...(event.urn !== undefined && { urn: event.urn }) }];
  });

/** Resources whose operation failed. */
export const failedStepsOf = (events: readonly EngineEvent[]): FailedStep[] =>
  events.flatMap(({ resOpFailedEvent }) => {
    const { urn, type, new: state } = resOpFailedEvent?.metadata ?? {};
    if (urn === undefined || type === undefined) return [];
    const { parent, provider } = state ?? {};
    return [{ urn, type, ...(parent !== undefined && { parent }), ...(provider !== undefined && { provider }) }];
  });

/** The engine's words of a replacement's parts, and what they are to the resource. */
const wholeOf: Readonly<Record<string, string>> = {
  "create-replacement": "replace",
  "delete-replaced": "replace",
  "import-replacement": "replace",
  "discard-replaced": "replace",
};

/** What the engine does, or in a preview would do, to each resource: one step a resource, those that stay left out. */
export function stepsOf(events: readonly EngineEvent[]): PlannedStep[] {
  const steps = new Map<string, PlannedStep>();
  for (const { resourcePreEvent } of events) {
    const { urn, type, op = "", keys } = resourcePreEvent?.metadata ?? {};
    const whole = wholeOf[op] ?? op;
    if (urn === undefined || type === undefined || ["same", "read", "refresh", ""].includes(whole)) continue;
    const known = steps.get(urn);
    // A replacement is told as several steps; that it is one outweighs the rest.
    if (known?.op === "replace" && (keys ?? []).length === 0) continue;
    steps.set(urn, {
      urn,
      type,
      op: known?.op === "replace" ? "replace" : whole,
      ...(keys && keys.length > 0 && { keys }),
    });
  }
  return [...steps.values()];
}
