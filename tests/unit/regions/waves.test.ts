import fc from "fast-check";

import { catalogue, lookupRegion } from "../../../regions/catalogue";
import { continentOf } from "../../../regions/continents";
import { faultTolerance, type RegionShare } from "../../../regions/quorum";
import { RolloutError, rolloutWaves, type Wave } from "../../../regions/waves";
import fleet from "./vectors/fleet-round-trips.json";

const names = catalogue.map(({ name }) => name);
const placement = fc
  .uniqueArray(fc.constantFrom(...names), { minLength: 1, maxLength: 24 })
  .chain((chosen) =>
    fc
      .array(fc.integer({ min: 1, max: 5 }), { minLength: chosen.length, maxLength: chosen.length })
      .map((counts) => chosen.map((name, i): RegionShare => ({ name, validators: counts[i]! }))),
  )
  .filter((shares) => shares.reduce((sum, { validators }) => sum + validators, 0) >= 4);
const each = (validators: number, regions: readonly string[]) => regions.map((name) => ({ name, validators }));

/** The judge: every fault of a rollout in words. */
function faults(shares: readonly RegionShare[], waves: readonly Wave[], canary?: string): string[] {
  const found: string[] = [];
  const total = shares.reduce((sum, { validators }) => sum + validators, 0);
  const done = waves.flat().flatMap(({ region, ordinals }) => ordinals.map((n) => `${region} ${n}`));
  const all = shares.flatMap(({ name, validators }) => Array.from({ length: validators }, (_, n) => `${name} ${n}`));
  if (done.sort().join() !== all.sort().join()) found.push("not each validator once");
  for (const wave of waves) {
    const down = wave.reduce((sum, { ordinals }) => sum + ordinals.length, 0);
    if (down > faultTolerance(total)) found.push("more than the fault budget");
    const regions = wave.map(({ region }) => lookupRegion(region));
    regions.forEach((a, i) => {
      for (const b of regions.slice(i + 1)) {
        if (a.geography !== null && a.geography === b.geography) found.push("one geography");
        if (a.pairedRegion === b.name || b.pairedRegion === a.name) found.push("one pair");
      }
    });
  }
  if (waves[0]!.length !== 1) found.push("canary not alone");
  if (canary !== undefined && waves[0]![0]!.region !== canary) found.push("another canary");
  return found;
}

describe("rolloutWaves", () => {
  it("takes each validator once, within the fault budget, and never what fails together", () => {
    fc.assert(
      fc.property(placement, fc.nat(), (shares, at) => {
        const canary = shares[at % shares.length]!.name;
        expect(faults(shares, rolloutWaves(shares))).toEqual([]);
        expect(faults(shares, rolloutWaves(shares, { canary }), canary)).toEqual([]);
      }),
    );
  });

  it("would be caught if it took all regions at once", () => {
    const shares = each(2, fleet.regions);
    const wave = shares.map(({ name }) => ({ region: name, ordinals: [0, 1] }));

    expect(new Set(faults(shares, [wave]))).toEqual(
      new Set(["more than the fault budget", "one geography", "one pair", "canary not alone"]),
    );
  });

  it("takes the fleet in five waves: one region, then regions from every continent that is left", () => {
    const waves = rolloutWaves(each(2, fleet.regions), { canary: "uksouth" });

    expect(waves.map((wave) => wave.length)).toEqual([1, 6, 6, 6, 5]);
    expect(waves[0]).toEqual([{ region: "uksouth", ordinals: [0, 1] }]);
    expect(new Set(waves[1]!.map(({ region }) => continentOf(region))).size).toBe(6);
  });

  it("leaves room in the budget for the largest region to fail meanwhile", () => {
    const waves = rolloutWaves(each(2, fleet.regions));
    const down = waves.map((wave) => wave.reduce((sum, { ordinals }) => sum + ordinals.length, 0));

    expect(Math.max(...down) + 2).toBeLessThanOrEqual(faultTolerance(48));
  });

  it("splits a region that is larger than the budget", () => {
    expect(rolloutWaves([...each(3, ["japaneast"]), ...each(1, ["uksouth", "eastasia"])])).toEqual([
      [{ region: "uksouth", ordinals: [0] }],
      [{ region: "japaneast", ordinals: [0] }],
      [{ region: "japaneast", ordinals: [1] }],
      [{ region: "japaneast", ordinals: [2] }],
      [{ region: "eastasia", ordinals: [0] }],
    ]);
  });

  it.each([
    [each(1, ["japaneast", "uksouth", "eastasia"]), {}, "With 3 validators none may be down."],
    [each(1, fleet.regions), { atOnce: 8 }, "atOnce is 8. Give 1 to 7, the fault budget of 24 validators."],
    [each(1, fleet.regions), { atOnce: 0 }, "atOnce is 0."],
    [each(2, ["japaneast", "uksouth"]), { canary: "eastasia" }, 'The canary "eastasia" has no validators. Give one of'],
  ])("refuses %j with %j", (shares, options, message) => {
    expect(() => rolloutWaves(shares, options)).toThrow(RolloutError);
    expect(() => rolloutWaves(shares, options)).toThrow(message);
  });
});
