import fc from "fast-check";

import { commitTimes } from "../../../regions/commit-time";
import { catalogue, lookupRegion, UnknownRegionError } from "../../../regions/catalogue";
import { continentOf } from "../../../regions/continents";
import continents from "../../../regions/data/continents.json";
import { movesBetween, type Placement, placeValidators, type PlacementConstraints } from "../../../regions/placement";
import { InvalidPlacementError, quorumBudget } from "../../../regions/quorum";
import fleet from "./vectors/fleet-round-trips.json";

const names = catalogue.map(({ name }) => name);
const geographies = [...new Set(catalogue.flatMap(({ geography }) => geography ?? []))];
const constraints = fc.record({
  regions: fc.uniqueArray(fc.constantFrom(...names), { minLength: 1, maxLength: 24 }),
  validators: fc.integer({ min: 1, max: 60 }),
  maxPerRegion: fc.integer({ min: 1, max: 6 }),
  geographyCaps: fc.dictionary(fc.constantFrom(...geographies), fc.integer({ min: 0, max: 5 }), { maxKeys: 5 }),
});

/** The placement, or undefined where the regions hold too few. */
function tryPlace(wanted: PlacementConstraints): Placement | undefined {
  try {
    return placeValidators(wanted);
  } catch (error) {
    if (error instanceof InvalidPlacementError) return undefined;
    throw error;
  }
}

/** Validators that the regions hold; with `present`, of those alone. */
const capacity = (
  { regions, maxPerRegion = 2, geographyCaps = {} }: PlacementConstraints,
  present?: ReadonlyMap<string, number>,
) => {
  const holds = (name: string) =>
    Math.min(maxPerRegion, present === undefined ? maxPerRegion : (present.get(name) ?? 0));
  const geographyOf = (name: string) => lookupRegion(name).geography ?? name;
  return [...new Set(regions.map(geographyOf))]
    .map((geography) => ({ geography, members: regions.filter((name) => geographyOf(name) === geography) }))
    .reduce(
      (sum, { geography, members }) =>
        sum +
        Math.min(
          members.reduce((inside, name) => inside + holds(name), 0),
          geographyCaps[geography] ?? Infinity,
        ),
      0,
    );
};

/** The judge: every fault of a placement in words. */
function faults(wanted: PlacementConstraints, { regions, validators }: Placement): string[] {
  const { maxPerRegion = 2, geographyCaps = {} } = wanted;
  const found: string[] = [];
  if (validators.length !== wanted.validators) found.push("count");
  for (const { name, validators: count } of regions) {
    if (!wanted.regions.includes(name)) found.push("region not allowed");
    if (count > maxPerRegion) found.push("too many in a region");
    const ordinals = validators.filter(({ region }) => region === name).map(({ ordinal }) => ordinal);
    if (ordinals.join() !== Array.from({ length: count }, (_, i) => i).join()) found.push("ordinals");
  }
  for (const [geography, cap] of Object.entries(geographyCaps)) {
    const inside = validators.filter(({ region }) => lookupRegion(region).geography === geography);
    if (inside.length > cap) found.push("geography cap");
  }
  const uncapped = wanted.regions.filter((name) => geographyCaps[lookupRegion(name).geography ?? ""] === undefined);
  const counts = uncapped.map((name) => validators.filter(({ region }) => region === name).length);
  if (Math.max(...counts) - Math.min(...counts) > 1) found.push("uneven");
  return found;
}

describe("placeValidators", () => {
  it("keeps every constraint and spreads evenly, or says that the regions hold too few", () => {
    fc.assert(
      fc.property(constraints, (wanted) => {
        const placed = tryPlace(wanted);
        expect(placed === undefined).toBe(capacity(wanted) < wanted.validators);
        if (placed) expect(faults(wanted, placed)).toEqual([]);
      }),
    );
  });

  it("would be caught if it filled one region after the other", () => {
    const wanted = { validators: 4, regions: ["japaneast", "uksouth", "eastasia"], maxPerRegion: 3 };
    const filled: Placement = {
      regions: [
        { name: "japaneast", validators: 3 },
        { name: "uksouth", validators: 1 },
      ],
      validators: ["japaneast", "japaneast", "japaneast", "uksouth"].map((region, i) => ({ region, ordinal: i % 3 })),
    };

    expect(faults(wanted, placeValidators(wanted))).toEqual([]);
    expect(faults(wanted, filled)).toEqual(["uneven"]);
  });

  it("moves nobody when the count changes by one: it adds one, or removes one", () => {
    fc.assert(
      fc.property(constraints, (wanted) => {
        const more = tryPlace({ ...wanted, validators: wanted.validators + 1 });
        fc.pre(more !== undefined);
        const fewer = placeValidators(wanted);
        expect(more.validators.slice(0, -1)).toEqual(fewer.validators);
        expect(movesBetween(fewer.regions, more.regions)).toHaveLength(1);
      }),
    );
  });

  it("moves as few as possible from where they are: only what a constraint or the count moves", () => {
    const shares = fc
      .uniqueArray(fc.constantFrom(...names), { minLength: 1, maxLength: 24 })
      .chain((regions) =>
        fc.tuple(
          ...regions.map((name) => fc.record({ name: fc.constant(name), validators: fc.integer({ min: 1, max: 4 }) })),
        ),
      );
    fc.assert(
      fc.property(constraints, shares, (wanted, present) => {
        const placed = tryPlace({ ...wanted, present });
        expect(placed === undefined).toBe(capacity(wanted) < wanted.validators);
        fc.pre(placed !== undefined);
        expect(faults(wanted, placed).filter((fault) => fault !== "uneven")).toEqual([]);
        // What may stay: at most maxPerRegion in a region that may be used, and at most the cap in a geography.
        const staying = capacity(wanted, new Map(present.map(({ name, validators }) => [name, validators])));
        const total = present.reduce((sum, { validators }) => sum + validators, 0);
        const fewest =
          total - Math.min(staying, wanted.validators) + (wanted.validators - Math.min(staying, wanted.validators));
        expect(movesBetween(present, placed.regions)).toHaveLength(fewest);
      }),
    );
  });

  it("leaves an uneven placement as it is, where nothing forbids it", () => {
    const present = [
      { name: "japaneast", validators: 2 },
      { name: "uksouth", validators: 1 },
    ];
    const wanted = { regions: ["japaneast", "uksouth", "brazilsouth"], present };

    expect(movesBetween(present, placeValidators({ ...wanted, validators: 3 }).regions)).toEqual([]);
    expect(movesBetween(present, placeValidators({ ...wanted, validators: 4 }).regions)).toEqual([
      { action: "add", region: "brazilsouth", ordinal: 0 },
    ]);
    expect(movesBetween(present, placeValidators({ ...wanted, validators: 2 }).regions)).toEqual([
      { action: "remove", region: "japaneast", ordinal: 1 },
    ]);
  });

  it("does not depend on the order of the regions", () => {
    fc.assert(
      fc.property(constraints, (wanted) => {
        expect(tryPlace({ ...wanted, regions: [...wanted.regions].reverse() })).toEqual(tryPlace(wanted));
      }),
    );
  });

  it("makes the fleet: two in each of 24 regions, in different zones, with no single failure that halts it", () => {
    const { regions, validators } = placeValidators({ validators: 48, regions: fleet.regions });

    expect(regions.map(({ name }) => name).sort()).toEqual([...fleet.regions].sort());
    expect(new Set(regions.map((region) => region.validators))).toEqual(new Set([2]));
    expect(validators.map(({ ordinal, zone }) => [ordinal, zone])).toEqual([
      ...Array.from({ length: 24 }, () => [0, "1"]),
      ...Array.from({ length: 24 }, () => [1, "2"]),
    ]);
    expect(quorumBudget(regions).halts).toEqual([]);
  });

  it("goes to other continents first", () => {
    const { regions } = placeValidators({ validators: 6, regions: fleet.regions });

    expect(new Set(regions.map(({ name }) => continentOf(name))).size).toBe(6);
  });

  it("names no zone where a region has none, or it is unknown", () => {
    const { validators } = placeValidators({ validators: 2, regions: ["westus", "swedensouth"] });

    expect(validators).toEqual([
      { region: "swedensouth", ordinal: 0 },
      { region: "westus", ordinal: 0 },
    ]);
  });

  it("leaves far regions out for a latency target, and none where it is met without", () => {
    const wanted = { validators: 24, regions: fleet.regions };
    expect(placeValidators({ ...wanted, latencyTargetMs: 304 })).toEqual(placeValidators(wanted));

    const nearer = placeValidators({ ...wanted, latencyTargetMs: 150 });
    const times = commitTimes(nearer.regions);
    expect(times.known && times.worst.commitMs).toBeLessThanOrEqual(150);
    expect(faults({ ...wanted, regions: nearer.regions.map(({ name }) => name) }, nearer)).toEqual([]);
    expect(nearer.regions.map(({ name }) => name)).not.toContain("newzealandnorth");
  });

  it("meets any latency target that it does not refuse, keeping every other constraint", () => {
    const targets = fc.record({
      target: fc.integer({ min: 1, max: 320 }),
      validators: fc.integer({ min: 4, max: 40 }),
    });
    fc.assert(
      fc.property(targets, ({ target, validators }) => {
        const wanted = { validators, regions: fleet.regions, geographyCaps: { Europe: 8 } };
        const placed = tryPlace({ ...wanted, latencyTargetMs: target });
        fc.pre(placed !== undefined);
        const times = commitTimes(placed.regions);
        expect(times.known && times.worst.commitMs <= target).toBe(true);
        expect(faults(wanted, placed).filter((fault) => fault !== "uneven")).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });

  it("moves those of a region that is left out, and nobody else", () => {
    const present = ["japaneast", "koreacentral", "eastasia", "southeastasia", "brazilsouth"].map((name) => ({
      name,
      validators: 1,
    }));
    const regions = present.map(({ name }) => name);
    const { regions: after } = placeValidators({ validators: 5, regions, present, latencyTargetMs: 150 });

    const moves = movesBetween(present, after);
    expect(moves.filter(({ action }) => action === "remove")).toEqual([
      { action: "remove", region: "brazilsouth", ordinal: 0 },
    ]);
    expect(moves.filter(({ action }) => action === "add")).toHaveLength(1);
  });

  it("refuses a latency target that nothing meets or that cannot be judged", () => {
    expect(() => placeValidators({ validators: 48, regions: fleet.regions, latencyTargetMs: 303 })).toThrow(
      "A block that newzealandnorth proposes takes 304 ms on the network, and the target is 303 ms.",
    );
    expect(() => placeValidators({ validators: 44, regions: fleet.regions, latencyTargetMs: 10 })).toThrow(
      /^A block that \w+ proposes takes [\d.]+ ms on the network, even without \w+, \w+, and the target is 10 ms\./,
    );
    expect(() => placeValidators({ validators: 2, regions: ["eastus", "westus"], latencyTargetMs: 300 })).toThrow(
      "no round trip is published between eastus and westus",
    );
  });

  it.each([
    [{ validators: 0 }, "validators is 0. Give a whole number of at least 1."],
    [{ validators: 1.5 }, "validators is 1.5. Give a whole number of at least 1."],
    [{ maxPerRegion: 0 }, "maxPerRegion is 0. Give a whole number of at least 1."],
    [{ validators: 5 }, "2 regions hold 4 of 5 validators with at most 2 in each."],
    [{ geographyCaps: { Europ: 1 } }, '"Europ" is no geography of Azure\'s. Did you mean "Europe"?'],
    [{ geographyCaps: { Europe: -1 } }, "The cap of Europe is -1. Give a whole number of at least 0."],
    [{ regions: [] }, "0 regions hold 0 of 4 validators with at most 2 in each."],
  ])("refuses %j", (change, message) => {
    const wanted = { validators: 4, regions: ["japaneast", "uksouth"], ...change };

    expect(() => placeValidators(wanted)).toThrow(InvalidPlacementError);
    expect(() => placeValidators(wanted)).toThrow(message);
  });

  it("refuses what is no region", () => {
    expect(() => placeValidators({ validators: 1, regions: ["atlantis"] })).toThrow(UnknownRegionError);
  });
});

describe("continentOf", () => {
  it("knows every geography of the catalogue, and nothing of a region without one", () => {
    expect(geographies.filter((geography) => !Object.values(continents.continents).flat().includes(geography))).toEqual(
      [],
    );
    expect(["brazilsouth", "uaenorth", "northeurope", "swedensouth"].map(continentOf)).toEqual([
      "South America",
      "Asia",
      "Europe",
      null,
    ]);
  });
});

describe("movesBetween", () => {
  it("names the validators that start and stop", () => {
    const share = (name: string, validators: number) => ({ name, validators });

    expect(
      movesBetween([share("uksouth", 3), share("eastasia", 1)], [share("uksouth", 1), share("japaneast", 1)]),
    ).toEqual([
      { action: "remove", region: "eastasia", ordinal: 0 },
      { action: "add", region: "japaneast", ordinal: 0 },
      { action: "remove", region: "uksouth", ordinal: 1 },
      { action: "remove", region: "uksouth", ordinal: 2 },
    ]);
  });
});
