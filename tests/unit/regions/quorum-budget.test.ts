import fc from "fast-check";

import { catalogue, UnknownRegionError } from "../../../regions/catalogue";
import {
  describeBudget,
  InvalidPlacementError,
  quorum,
  quorumBudget,
  type QuorumBudget,
  type RegionShare,
} from "../../../regions/quorum";

const names = catalogue.map(({ name }) => name);
const placement = fc
  .uniqueArray(fc.constantFrom(...names), { minLength: 1, maxLength: 8 })
  .chain((chosen) =>
    fc
      .array(fc.integer({ min: 1, max: 5 }), { minLength: chosen.length, maxLength: chosen.length })
      .map((counts) => chosen.map((name, i): RegionShare => ({ name, validators: counts[i]! }))),
  );
const each = (validators: number, ...regions: string[]) => regions.map((name) => ({ name, validators }));

/** The judge: tries every set of regions, where the code sorts. */
function faults(shares: readonly RegionShare[], budget: QuorumBudget): string[] {
  const total = shares.reduce((sum, { validators }) => sum + validators, 0);
  const sets = Array.from({ length: 2 ** shares.length }, (_, bits) => shares.filter((_, i) => (bits >> i) & 1));
  const advances = (lost: readonly RegionShare[]) =>
    total - lost.reduce((sum, { validators }) => sum + validators, 0) >= quorum(total);
  const fatalSizes = sets.filter((lost) => !advances(lost)).map((lost) => lost.length);
  const survived = sets.filter(advances).map((lost) => lost.length);
  return [
    budget.anyRegions === Math.min(...fatalSizes) - 1 ? "" : "anyRegions",
    budget.mostRegions === Math.max(...survived) ? "" : "mostRegions",
    budget.worstRegions.length === Math.min(...fatalSizes) ? "" : "worstRegions",
    advances(shares.filter(({ name }) => budget.worstRegions.includes(name))) ? "worstRegions do not halt" : "",
    budget.singleRegionHalt.length === sets.filter((lost) => lost.length === 1 && !advances(lost)).length
      ? ""
      : "singleRegionHalt",
  ].filter((fault) => fault !== "");
}

describe("quorumBudget", () => {
  it("counts what a search of every combination of regions finds", () => {
    fc.assert(fc.property(placement, (shares) => expect(faults(shares, quorumBudget(shares))).toEqual([])));
  });

  it("would be caught if it took the smallest regions for the worst", () => {
    const shares = [...each(4, "japaneast"), ...each(1, "uksouth", "westeurope", "eastasia", "koreacentral")];
    const good = quorumBudget(shares);

    expect(faults(shares, { ...good, anyRegions: good.mostRegions, worstRegions: ["uksouth"] })).toEqual([
      "anyRegions",
      "worstRegions do not halt",
    ]);
  });

  it("finds no single failure that halts five regions with one validator each", () => {
    expect(
      quorumBudget(each(1, "northeurope", "brazilsouth", "japaneast", "canadacentral", "centralindia")),
    ).toMatchObject({
      validators: 5,
      quorum: 4,
      faults: 1,
      stoppable: 1,
      anyRegions: 1,
      mostRegions: 1,
      halts: [],
      singleRegionHalt: [],
      beyondPublishedTests: false,
    });
  });

  it("finds the geography and the pair that halt the dev stack's regions", () => {
    const { halts, singleRegionHalt } = quorumBudget(
      each(1, "northeurope", "brazilsouth", "japaneast", "southeastasia", "eastasia"),
    );

    expect(singleRegionHalt).toEqual([]);
    expect(halts).toEqual([
      { kind: "geography", name: "Asia Pacific", regions: ["southeastasia", "eastasia"], validators: 2 },
      { kind: "pair", name: "eastasia + southeastasia", regions: ["southeastasia", "eastasia"], validators: 2 },
    ]);
  });

  it("finds the one region that halts the chain", () => {
    const { singleRegionHalt } = quorumBudget([...each(2, "japaneast"), ...each(1, "uksouth", "eastasia")]);

    expect(singleRegionHalt).toEqual([{ kind: "region", name: "japaneast", regions: ["japaneast"], validators: 2 }]);
  });

  it("counts a region that is named twice once", () => {
    expect(quorumBudget([...each(2, "uksouth"), ...each(1, "uksouth", "eastasia")]).regions).toEqual([
      { name: "uksouth", validators: 3 },
      { name: "eastasia", validators: 1 },
    ]);
  });

  it.each([[[]], [each(0, "uksouth")], [each(-1, "uksouth")], [each(1.5, "uksouth")], [each(NaN, "uksouth")]])(
    "refuses %j",
    (bad) => expect(() => quorumBudget(bad)).toThrow(InvalidPlacementError),
  );

  it("refuses what is no region", () => {
    expect(() => quorumBudget(each(4, "atlantis"))).toThrow(UnknownRegionError);
  });
});

describe("describeBudget", () => {
  it("says what the preview prints for five regions", () => {
    const regions = each(1, "northeurope", "brazilsouth", "japaneast", "southeastasia", "eastasia");

    expect(describeBudget(quorumBudget(regions))).toEqual([
      "Quorum: 4 of 5 validators in 5 regions; 1 may stop, 1 may be faulty in any way.",
      "Any 1 region may fail at once.",
      "The fewest regions that halt the chain together: 2, such as northeurope, brazilsouth.",
      "Warning: the chain halts if geography Asia Pacific (southeastasia, eastasia) fails: 2 of 5 validators are there.",
      "Warning: the chain halts if pair eastasia + southeastasia fails: 2 of 5 validators are there.",
    ]);
  });

  it("warns above 30 validators with the evidence and the reason, and not at 30", () => {
    const spread = (n: number) => names.slice(0, n).map((name) => ({ name, validators: 1 }));
    const warnings = (n: number) =>
      describeBudget(quorumBudget(spread(n))).filter((line) => /published|messages/.test(line));

    expect(warnings(30)).toEqual([]);
    expect(warnings(48)).toEqual([
      expect.stringMatching(/^Warning: 48 validators .* 36 had trouble under load and 38 halted .*2021/),
      expect.stringMatching(/^Warning: every validator receives about 4,559 consensus messages a block/),
    ]);
  });
});
