import fc from "fast-check";

import { catalogue } from "../../../regions/catalogue";
import { continentOf } from "../../../regions/continents";
import { faultTolerance, type RegionShare } from "../../../regions/quorum";
import { planRollout, type PlannedWave } from "../../../regions/rollout";
import { RolloutError } from "../../../regions/waves";
import fleet from "./vectors/fleet-round-trips.json";

const shares: fc.Arbitrary<readonly RegionShare[]> = fc
  .uniqueArray(fc.constantFrom(...catalogue.map(({ name }) => name)), { minLength: 4, maxLength: 24 })
  .chain((names) =>
    fc
      .array(fc.integer({ min: 1, max: 4 }), { minLength: names.length, maxLength: names.length })
      .map((counts) => names.map((name, i) => ({ name, validators: counts[i]! }))),
  );
const each = (validators: number, regions: readonly string[]) => regions.map((name) => ({ name, validators }));
const regionsOf = (waves: readonly PlannedWave[]) => waves.map(({ steps }) => steps.map(({ region }) => region));

/** The judge: what is wrong with a plan, in words. */
function faults(placement: readonly RegionShare[], living: readonly string[], waves: readonly PlannedWave[]): string[] {
  const total = placement.reduce((sum, { validators }) => sum + validators, 0);
  const done = waves.flatMap(({ steps }) =>
    steps.flatMap(({ region, ordinals }) => ordinals.map((n) => `${region} ${n}`)),
  );
  const all = placement.flatMap(({ name, validators }) => Array.from({ length: validators }, (_, n) => `${name} ${n}`));
  const kinds = waves.map(({ steps }) => new Set(steps.map(({ region }) => living.includes(region))).size);
  return [
    ...(done.sort().join() === all.sort().join() ? [] : ["not each validator once"]),
    ...(waves.some(({ restarting }) => restarting > faultTolerance(total)) ? ["more restart than may fail"] : []),
    ...(kinds.some((size) => size > 1) ? ["old and new in one wave"] : []),
  ];
}

describe("planRollout", () => {
  it("takes every validator once, and never restarts more of a living chain than may fail", () => {
    fc.assert(
      fc.property(shares, fc.nat(), fc.constantFrom(undefined, 1), (placement, some, perRegion) => {
        const living = placement.slice(0, some % (placement.length + 1)).map(({ name }) => name);
        const waves = planRollout(placement, { living, ...(perRegion !== undefined && { perRegion }) });
        expect(faults(placement, living, waves)).toEqual([]);
        if (perRegion === undefined) return;
        const pieces = waves.filter(({ restarting }) => restarting > 0).flatMap(({ steps }) => steps);
        expect(pieces.filter(({ ordinals }) => ordinals.length > perRegion)).toEqual([]);
      }),
    );
  });

  it("would be caught if it took a living fleet at once", () => {
    const placement = each(2, fleet.regions);
    const first = planRollout(placement, { sizes: [24] }).map((wave) => ({ ...wave, restarting: wave.joining }));

    expect(faults(placement, fleet.regions, first)).toEqual(["more restart than may fail"]);
  });

  it("deploys a new network as its canary and then all others: nothing can halt yet", () => {
    const waves = planRollout(each(2, fleet.regions), { canary: "uksouth" });

    expect(regionsOf(waves).map((wave) => wave.length)).toEqual([1, 23]);
    expect(regionsOf(waves)[0]).toEqual(["uksouth"]);
    expect(waves.map(({ restarting, joining }) => [restarting, joining])).toEqual([
      [0, 2],
      [0, 46],
    ]);
  });

  it("takes the sizes that are given, each wave from every continent, the last size repeating", () => {
    const [first, second] = regionsOf(planRollout(each(2, fleet.regions), { sizes: [8, 16] }));
    expect([first!.length, second!.length]).toEqual([8, 16]);
    expect(new Set(first!.map(continentOf))).toEqual(new Set(fleet.regions.map(continentOf)));

    const repeated = regionsOf(planRollout(each(2, fleet.regions), { sizes: [2, 10] }));
    expect(repeated.map((wave) => wave.length)).toEqual([2, 10, 10, 2]);
  });

  it("puts a region that is new after those that live, and upgrades these in safe waves", () => {
    const placement = each(1, ["northeurope", "brazilsouth", "japaneast", "eastasia", "uksouth", "centralindia"]);
    const waves = planRollout(placement, { living: placement.slice(0, 5).map(({ name }) => name) });

    expect(waves.map(({ restarting, joining }) => [restarting, joining])).toEqual([
      ...Array.from({ length: 5 }, () => [1, 0]),
      [0, 1],
    ]);
    expect(regionsOf(waves).at(-1)).toEqual(["centralindia"]);
  });

  it.each([
    [{ sizes: [8, 16], living: fleet.regions }, "Wave 1 of --waves 8,16 restarts 16 of 48 validators, and 15 may be"],
    [{ sizes: [0] }, "A wave of 0 regions is none."],
    [{ sizes: [] }, "A wave of no regions is none."],
    [{ canary: "eastus" }, 'The canary "eastus" has no validators. Give one of'],
  ])("refuses %j", (options, message) => {
    expect(() => planRollout(each(2, fleet.regions), options)).toThrow(RolloutError);
    expect(() => planRollout(each(2, fleet.regions), options)).toThrow(message);
  });
});
