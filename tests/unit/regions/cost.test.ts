import { readFileSync } from "node:fs";
import { join } from "node:path";

import { main } from "../../../cli/main";
import { costOf, type PricedFleet } from "../../../regions/cost";
import prices from "../../../regions/data/prices.json";

const root = join(__dirname, "../../..");
const fleet: PricedFleet = {
  regions: [
    { name: "japaneast", validators: 2 },
    { name: "westindia", validators: 1 },
  ],
  tier: "Standard",
  systemVmSize: "Standard_D4s_v5",
  systemNodes: 3,
  validatorVmSize: "Standard_D2s_v5",
  disks: "auto",
  publicRpc: false,
  frontDoor: false,
  snapshots: { enabled: true, keep: 7 },
};
const of = (given: PricedFleet) =>
  Object.fromEntries(costOf(given).lines.map(({ what, usdAMonth }) => [what, usdAMonth]));

describe("costOf", () => {
  it("counts nodes at their region's own price, for 730 hours", () => {
    const { Standard_D4s_v5: four, Standard_D2s_v5: two } = prices.virtualMachines.usd;

    expect(of(fleet)["nodes Standard_D4s_v5"]).toBeCloseTo(730 * 3 * (four.japaneast + four.westindia), 6);
    expect(of(fleet)["nodes Standard_D2s_v5"]).toBeCloseTo(730 * (2 * two.japaneast + two.westindia), 6);
  });

  it("counts disks by their kind: v2 by GiB and hour, P10 by month", () => {
    expect(of(fleet)["GiB of Premium SSD v2, at the free rates"]).toBeCloseTo(2 * 128 * 730 * 0.00011, 6);
    expect(of(fleet)["disks Premium SSD P10"]).toBeCloseTo(19.71, 6);
  });

  it("names what has no price, and does not count it as nothing", () => {
    const odd = costOf({ ...fleet, validatorVmSize: "Standard_X1" });

    expect(odd.unknown).toEqual(expect.arrayContaining(["2 nodes Standard_X1 in japaneast: no price"]));
    expect(odd.lines.map(({ what }) => what)).not.toContain("nodes Standard_X1");
    expect(odd.unknown.length).toBe(costOf(fleet).unknown.length + 2);
  });

  it("lists snapshots as unknown, with their number, and not where none are taken", () => {
    const without = costOf({ ...fleet, snapshots: { enabled: false, keep: 7 } });

    expect(costOf(fleet).unknown).toContain("snapshots of 3 validators' disks, 7 of each, by volume: no price");
    expect(without.unknown.join()).not.toContain("snapshots");
    expect(without.usdAMonth).toBe(costOf(fleet).usdAMonth);
  });

  it("adds RPC nodes at their least, their addresses and Front Door", () => {
    const rpc = { nodes: 2, vmSize: "Standard_D4s_v5", diskGiB: 128 };
    const more = costOf({
      ...fleet,
      regions: fleet.regions.map((region) => ({ ...region, rpc })),
      publicRpc: true,
      frontDoor: true,
    });

    expect(more.lines.find(({ what }) => what === "nodes Standard_D4s_v5")!.count).toBe(6 + 4);
    expect(more.lines.find(({ what }) => what === "public addresses")!.count).toBe(4);
    expect(more.lines.find(({ what }) => what.startsWith("Front Door"))!.usdAMonth).toBe(35);
  });

  it("is the sum of its lines, each with a source", () => {
    const { lines, usdAMonth } = costOf(fleet);

    expect(lines.reduce((sum, line) => sum + line.usdAMonth, 0)).toBeCloseTo(usdAMonth, 6);
    expect(lines.filter(({ source }) => source.length < 10)).toEqual([]);
  });
});

describe("meridian cost", () => {
  it("prints the table of docs/cost.md", async () => {
    const written: string[] = [];
    jest.spyOn(process.stdout, "write").mockImplementation((text) => (written.push(String(text)), true));
    const code = await main(["cost", "--stack", "fleet", "--dir", root]);
    jest.restoreAllMocks();
    // As prettier leaves it, a table is padded.
    const squeeze = (text: string) => text.replace(/ +/g, " ").replace(/-{2,}/g, "--");

    expect(code).toBe(0);
    // To bring the page up to date: paste what `npx meridian cost --stack fleet` prints.
    expect(squeeze(readFileSync(join(root, "docs/cost.md"), "utf8"))).toContain(squeeze(written.join("").trim()));
  });
});
