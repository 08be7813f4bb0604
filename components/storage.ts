import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

import type { ClusterSettings } from "../fleet";
import { diskSku } from "../regions/disk-sku";

/** Name of the class that validators' disks are made of. */
export const DATA_CLASS = "validator-data";

/** What a validator's claim is called in its StatefulSet. */
export const DATA_CLAIM = "data";

export interface StorageArgs {
  /** Azure's name of the region. */
  readonly region: string;
  readonly disks: ClusterSettings["disks"];
  /** Whether a disk outlives its claim. */
  readonly protect: boolean;
  /** Name of the class. @default validator-data */
  readonly className?: string;
}

/** A storage class of a region, its validators' unless it is named: a disk in the zone of the pod's first node. */
export function createStorageClass(name: string, args: StorageArgs, opts: pulumi.CustomResourceOptions) {
  const skuName = diskSku(args.region, args.disks);
  // The rates that come with every v2 disk at no charge (Azure docs, "Azure managed disk types").
  const rates = { DiskIOPSReadWrite: "3000", DiskMBpsReadWrite: "125" };
  return new kubernetes.storage.v1.StorageClass(
    name,
    {
      metadata: { name: args.className ?? DATA_CLASS },
      provisioner: "disk.csi.azure.com",
      parameters: { skuName, cachingMode: "None", ...(skuName === "PremiumV2_LRS" && rates) },
      volumeBindingMode: "WaitForFirstConsumer",
      allowVolumeExpansion: true,
      reclaimPolicy: args.protect ? "Retain" : "Delete",
    },
    opts,
  );
}
