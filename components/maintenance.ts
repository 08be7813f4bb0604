import * as containerservice from "@pulumi/azure-native/containerservice";
import type * as pulumi from "@pulumi/pulumi";

import { lookupRegion } from "../regions/catalogue";

const WEEKS = ["First", "Second", "Third", "Fourth"] as const;
const DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"] as const;
const HOURS = ["00:00", "08:00", "16:00"] as const;

/** Length of a window; the shortest that AKS takes (Azure docs, "Use planned maintenance"). */
const DURATION_HOURS = 4;

/** Windows that a month has room for. */
export const MAINTENANCE_SLOTS = WEEKS.length * DAYS.length * HOURS.length;

/** When a region is serviced, each month, in UTC. */
export interface MaintenanceSlot {
  readonly weekIndex: (typeof WEEKS)[number];
  readonly dayOfWeek: (typeof DAYS)[number];
  readonly startTime: (typeof HOURS)[number];
}

/**
 * A region's own window: four hours a month, four hours or more after the end of any other region's.
 *
 * So no two regions are serviced together, whatever the placement of validators and whatever its fault budget. It
 * follows from the region alone: one that joins moves no other's.
 *
 * @throws {UnknownRegionError} for a name that is no Azure region.
 */
export function maintenanceSlot(region: string): MaintenanceSlot {
  const slot = lookupRegion(region).index % MAINTENANCE_SLOTS;
  const at = <T>(values: readonly [T, ...T[]], index: number): T => values[index % values.length] ?? values[0];
  return {
    startTime: at(HOURS, slot),
    dayOfWeek: at(DAYS, Math.floor(slot / HOURS.length)),
    weekIndex: at(WEEKS, Math.floor(slot / HOURS.length / DAYS.length)),
  };
}

/** What AKS does by itself, by the name that its schedule must have. */
const SCHEDULES = { upgrades: "aksManagedAutoUpgradeSchedule", images: "aksManagedNodeOSUpgradeSchedule" } as const;

export interface MaintenanceArgs {
  readonly region: string;
  readonly resourceGroupName: pulumi.Input<string>;
  /** Name of the cluster. */
  readonly cluster: pulumi.Input<string>;
}

/** Confines both kinds of AKS' automatic maintenance, patch upgrades and node images, to the region's window. */
export function createMaintenance(name: string, args: MaintenanceArgs, opts: pulumi.CustomResourceOptions): void {
  const { startTime, ...day } = maintenanceSlot(args.region);
  for (const [kind, configName] of Object.entries(SCHEDULES)) {
    new containerservice.MaintenanceConfiguration(
      `${name}-${kind}`,
      {
        resourceGroupName: args.resourceGroupName,
        resourceName: args.cluster,
        configName,
        maintenanceWindow: {
          durationHours: DURATION_HOURS,
          startTime,
          utcOffset: "+00:00",
          schedule: { relativeMonthly: { intervalMonths: 1, ...day } },
        },
      },
      opts,
    );
  }
}
