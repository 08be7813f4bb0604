import * as authorization from "@pulumi/azure-native/authorization";
import type * as pulumi from "@pulumi/pulumi";

let cached: pulumi.Output<authorization.GetClientConfigResult> | undefined;

/** Who deploys: object id, tenant and subscription of the credentials in use. Asked once a run. */
export const deployer = (): pulumi.Output<authorization.GetClientConfigResult> =>
  (cached ??= authorization.getClientConfigOutput());
