import fc from "fast-check";

import { dashboards } from "../../../monitoring/dashboards/all";
import { dashboardFaults } from "../../../monitoring/dashboards/check";
import { createDashboard, type Dashboard, GRID_COLUMNS, type Panel } from "../../../monitoring/dashboards/panels";

test("are seven, each with a uid of its own", () => {
  expect(dashboards.map(({ uid }) => uid)).toEqual([
    "meridian-fleet",
    "meridian-rounds",
    "meridian-fairness",
    "meridian-peers",
    "meridian-pool",
    "meridian-execution",
    "meridian-cost",
  ]);
});

test.each(dashboards.map((dashboard) => [dashboard.title, dashboard] as const))("%s has no fault", (_, dashboard) => {
  expect(dashboardFaults(dashboard)).toEqual([]);
});

describe("dashboardFaults catches", () => {
  const [good] = dashboards as [Dashboard];
  const [one, two] = good.panels as [Panel, Panel];
  const withPanel = (change: Partial<Panel>): Dashboard => ({ ...good, panels: [{ ...one, ...change }, two] });
  const asks = (expr: string): Dashboard => withPanel({ targets: [{ expr }] });

  test.each<[string, Dashboard, string]>([
    ["a misspelt series", asks("max(besu_blockchain_chain_head_timestmap)"), "which nobody exports"],
    ["a variable that is not there", asks('meridian_chain_head{region=~"$regoin"}'), "the variable regoin"],
    ["a panel that asks nothing", withPanel({ targets: [] }), "asks nothing"],
    ["a panel that does not say what it shows", withPanel({ description: " " }), "does not say what it shows"],
    ["two panels of one id", withPanel({ id: two.id }), `two panels have the id ${two.id}`],
    ["two panels in one place", withPanel({ gridPos: two.gridPos }), "lies over"],
    ["a panel beyond the grid", withPanel({ gridPos: { ...one.gridPos, x: 22, y: 90 } }), "outside the grid"],
    ["no variable for the data source", { ...good, templating: { list: [] } }, "no variable datasource"],
    ["a uid that Grafana refuses", { ...good, uid: "fleet map" }, "is not 1 to 40"],
  ])("%s", (_, broken, fault) => {
    expect(dashboardFaults(broken).join("\n")).toContain(fault);
  });
});

test("whatever the panels' sizes, none lies over another or outside the grid, and they keep their order", () => {
  const size = fc.record({ width: fc.integer({ min: 1, max: GRID_COLUMNS }), height: fc.integer({ min: 1, max: 20 }) });
  fc.assert(
    fc.property(fc.array(size, { maxLength: 30 }), (sizes) => {
      const panels = sizes.map((one, i) => ({
        ...one,
        ...{ title: `panel ${i}`, description: "d", type: "stat" as const },
        queries: [{ expression: "meridian_chain_head" }],
      }));
      const dashboard = createDashboard({ uid: "u", title: "t", description: "d", panels });
      expect(dashboardFaults(dashboard)).toEqual([]);
      expect(dashboard.panels.map(({ title }) => title)).toEqual(panels.map(({ title }) => title));
    }),
  );
});

test("every alert's cause can be looked at: the series of each rule are on a dashboard", () => {
  const shown = JSON.stringify(dashboards);
  for (const series of [
    "besu_blockchain_chain_head_timestamp",
    "meridian_validator_ready",
    "meridian_checkpoint_info",
    "meridian_missed_proposals_total",
    "meridian_validator_peers",
    "kubelet_volume_stats_available_bytes",
    "meridian_expiry_timestamp_seconds",
    "meridian_validator_set_changes_total",
  ]) {
    expect(shown).toContain(series);
  }
});
