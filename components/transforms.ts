import type * as operationalinsights from "@pulumi/azure-native/operationalinsights";
import type * as resources from "@pulumi/azure-native/resources";

import type { ClusterTransforms } from "./cluster";
import type { GlobalEntryTransforms } from "./global-entry";
import type { KeyVaultTransforms } from "./key-vault";
import type { MeshTransforms } from "./mesh";
import type { MonitoringTransforms } from "./monitoring";
import type { NetworkTransforms } from "./network";
import type { RegionMonitoringTransforms } from "./region-monitoring";
import type { RpcTransforms } from "./rpc";
import type { SnapshotsTransforms } from "./snapshots";
import type { Transform } from "./transform";
import type { ValidatorTransforms } from "./validator";

/** The transforms of one region's children, by component. */
export interface RegionTransforms {
  readonly group?: Transform<resources.ResourceGroupArgs>;
  readonly logs?: Transform<operationalinsights.WorkspaceArgs>;
  readonly network?: NetworkTransforms;
  readonly cluster?: ClusterTransforms;
  readonly keyVault?: KeyVaultTransforms;
  readonly validator?: ValidatorTransforms;
  readonly snapshots?: SnapshotsTransforms;
  readonly rpc?: RpcTransforms;
  readonly monitoring?: RegionMonitoringTransforms;
}

/** Everything that a user may change where Meridian has no setting. */
export interface Transforms {
  readonly mesh?: MeshTransforms;
  readonly entry?: GlobalEntryTransforms;
  readonly monitoring?: MonitoringTransforms;
  /** The transforms of the region of that name; the same for all, or not. */
  readonly region?: (region: string) => RegionTransforms;
}
