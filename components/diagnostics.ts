import * as monitor from "@pulumi/azure-native/monitor";
import type * as pulumi from "@pulumi/pulumi";

export interface DiagnosticsArgs {
  /** ARM id of what is logged. */
  readonly resourceId: pulumi.Input<string>;
  /** ARM id of the Log Analytics workspace that keeps the logs. */
  readonly workspaceId: pulumi.Input<string>;
  /** Names of the logs, as the resource's type defines them. */
  readonly logs: readonly string[];
}

/** Sends a resource's logs to the region's workspace. */
export const createDiagnostics = (
  name: string,
  { resourceId, workspaceId, logs }: DiagnosticsArgs,
  opts: pulumi.CustomResourceOptions,
): monitor.DiagnosticSetting =>
  new monitor.DiagnosticSetting(
    name,
    {
      name: "meridian",
      resourceUri: resourceId,
      workspaceId,
      logs: logs.map((category) => ({ category, enabled: true })),
    },
    opts,
  );
