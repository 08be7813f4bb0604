import fc from "fast-check";

import { catalogue, UnknownRegionError } from "../../../regions/catalogue";
import table from "../../../regions/data/round-trips.json";
import { oneWayMs, ROUND_TRIPS_SOURCE, roundTripMs, unknownRoundTrips } from "../../../regions/latency";
import fleet from "./vectors/fleet-round-trips.json";

const region = fc.constantFrom(...catalogue.map(({ name }) => name));

describe("roundTripMs", () => {
  it("gives every value of the fleet's published table", () => {
    expect(fleet.regions.map((a) => fleet.regions.map((b) => roundTripMs(a, b)))).toEqual(fleet.ms);
  });

  it("is the mean where the directions differ, and the only one where one is published", () => {
    expect([
      table.from.uksouth[table.destinations.indexOf("northeurope")],
      roundTripMs("uksouth", "northeurope"),
    ]).toEqual([14, 14]);
    const toCentralUs = table.from.japaneast[table.destinations.indexOf("centralus")];
    expect([roundTripMs("japaneast", "centralus"), roundTripMs("centralus", "japaneast")]).toEqual([
      toCentralUs,
      toCentralUs,
    ]);
  });

  it("is unknown where none is published, never a guess", () => {
    expect(roundTripMs("swedensouth", "japaneast")).toBeUndefined();
    expect(roundTripMs("eastus", "westus")).toBeUndefined();
    expect(oneWayMs("eastus", "westus")).toBeUndefined();
  });

  it("is symmetric, not negative, and 0 only from a region to itself", () => {
    fc.assert(
      fc.property(region, region, (a, b) => {
        const ms = roundTripMs(a, b);
        expect(roundTripMs(b, a)).toBe(ms);
        expect(ms === 0).toBe(a === b);
        expect(ms ?? 1).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it("refuses what is no region", () => {
    expect(() => roundTripMs("atlantis", "uksouth")).toThrow(UnknownRegionError);
    expect(() => roundTripMs("uksouth", "atlantis")).toThrow(UnknownRegionError);
  });

  it("says where it comes from, and names only regions of the catalogue", () => {
    expect(ROUND_TRIPS_SOURCE).toMatch(/^Microsoft.*\d{4}-\d{2}-\d{2}$/);
    const names = new Set(catalogue.map(({ name }) => name));
    expect([...table.destinations, ...Object.keys(table.from)].filter((name) => !names.has(name))).toEqual([]);
    for (const row of Object.values(table.from)) expect(row).toHaveLength(table.destinations.length);
  });
});

describe("unknownRoundTrips", () => {
  it("names each pair once", () => {
    expect(unknownRoundTrips(["eastus", "japaneast", "westus"])).toEqual([["eastus", "westus"]]);
    expect(unknownRoundTrips(fleet.regions)).toEqual([]);
  });
});
