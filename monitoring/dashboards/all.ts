import { fairnessDashboard, peersDashboard, roundsDashboard } from "./consensus";
import { fleetDashboard } from "./fleet";
import { costDashboard, executionDashboard, poolDashboard } from "./load";
import type { Dashboard } from "./panels";

/** Every dashboard, in the order in which they are listed. */
export const dashboards: readonly Dashboard[] = [
  fleetDashboard,
  roundsDashboard,
  fairnessDashboard,
  peersDashboard,
  poolDashboard,
  executionDashboard,
  costDashboard,
];
