import fc from "fast-check";

import { catalogue, isRegion, lookupRegion, suggestRegion, UnknownRegionError } from "../../../regions/catalogue";
import data from "../../../regions/data/regions.json";
import { editDistance } from "../../../regions/suggest";

describe("catalogue", () => {
  it("says of every region where it comes from", () => {
    for (const region of data.regions) expect(region.source).toMatch(/\d{4}-\d{2}-\d{2}/);
  });

  it("numbers the regions without gap or repetition, in their order in the file", () => {
    expect(catalogue.map(({ index }) => index)).toEqual(catalogue.map((_, i) => i));
  });

  it("never renumbers: these indexes decide the addresses of living networks", () => {
    const indexes = ["australiacentral", "eastasia", "japaneast", "northeurope", "westus3"].map((name) => [
      name,
      lookupRegion(name).index,
    ]);

    expect(Object.fromEntries(indexes)).toEqual({
      australiacentral: 0,
      eastasia: 14,
      japaneast: 25,
      northeurope: 35,
      westus3: 59,
    });
  });

  it("names only pairs that it knows", () => {
    const pairs = catalogue.flatMap(({ pairedRegion }) => (pairedRegion === null ? [] : [pairedRegion]));

    expect(pairs.filter((name) => !isRegion(name))).toEqual([]);
  });

  it("keeps unknown what its source does not know", () => {
    expect(lookupRegion("swedensouth")).toMatchObject({ geography: null, availabilityZones: null, latitude: null });
  });
});

describe("a misspelt region", () => {
  it.each([
    ["japaneastt", "japaneast"],
    ["japaneats", "japaneast"],
    ["Japan East", "japaneast"],
    ["west-europe", "westeurope"],
    ["nothereurope", "northeurope"],
    ["uksoth", "uksouth"],
  ])("%s suggests %s", (wrong, right) => {
    expect(suggestRegion(wrong)).toBe(right);
    expect(() => lookupRegion(wrong)).toThrow(new RegExp(`"${wrong}" is not an Azure region. Did you mean "${right}"`));
  });

  it.each(["atlantis", "", "x".repeat(100_000)])("%.20s suggests nothing", (wrong) => {
    expect(suggestRegion(wrong)).toBeUndefined();
    expect(() => lookupRegion(wrong)).toThrow(UnknownRegionError);
  });

  it("suggests the region for every single letter lost", () => {
    fc.assert(
      fc.property(fc.constantFrom(...catalogue), fc.nat(), ({ name }, at) => {
        const lost = name.slice(0, at % name.length) + name.slice((at % name.length) + 1);
        const suggestion = suggestRegion(lost);
        expect(suggestion).toBeDefined();
        expect(editDistance(lost, suggestion!)).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe("editDistance", () => {
  it.each([
    ["", "", 0],
    ["", "abc", 3],
    ["kitten", "sitting", 3],
    ["ab", "ba", 1],
    ["abcd", "acbd", 1],
  ])("of %p and %p is %i", (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance);
  });

  it("is symmetric, and zero only between equals", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, b) === 0).toBe(a === b);
      }),
    );
  });
});
