import type { Diagnostic, FailedStep } from "../../operations/deploy/stack";
import { WithdrawnError } from "../clock/virtual-clock";

/** One engine event, as far as it matters here (pulumi/pulumi sdk/go/common/apitype/events.go). */
export interface EngineEvent {
  readonly diagnosticEvent?: { readonly urn?: string; readonly message: string; readonly severity: string };
  readonly summaryEvent?: { readonly resourceChanges?: Readonly<Record<string, number>> };
  readonly resOpFailedEvent?: {
    readonly metadata?: {
      readonly urn?: string;
      readonly type?: string;
      readonly new?: { readonly parent?: string; readonly provider?: string } | null;
    };
  };
}

/** What is kept of an event; debug messages hold what the SDK sends and steps hold inputs, secrets included. */
export const told = ({ diagnosticEvent, summaryEvent, resOpFailedEvent }: EngineEvent): EngineEvent | undefined => {
  if (summaryEvent !== undefined) return { summaryEvent };
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
