import fc from "fast-check";

import { catalogue, UnknownRegionError } from "../../../regions/catalogue";
import { logicalName } from "../../../regions/naming";
import { renderTargets, targetsFor } from "../../../regions/targets";

const names = catalogue.map(({ name }) => name);

/** A target as the engine matches it: `**` is anything, `*` anything but a colon. */
const matches = (target: string, urn: string) => {
  const pattern = target
    .split("**")
    .map((part) => part.split("*").join("[^:]*"))
    .join(".*");
  return new RegExp(`^${pattern}$`).test(urn);
};
const urnOf = (name: string) => `urn:pulumi:dev::meridian::meridian:region:Region$azure-native:x:Y::${name}`;

describe("targetsFor", () => {
  it("names each region and what all share", () => {
    expect(targetsFor(["japaneast", "uksouth", "japaneast"])).toEqual([
      "**::japaneast-*",
      "**::uksouth-*",
      "**::global-*",
    ]);
  });

  it("matches what belongs to the regions and to all, and nothing of another region", () => {
    fc.assert(
      fc.property(fc.subarray(names), (chosen) => {
        const targets = targetsFor(chosen);
        const taken = [...names, "global", "chain138"].filter((scope) =>
          targets.some((target) => matches(target, urnOf(logicalName(scope, "cluster")))),
        );
        expect(new Set(taken)).toEqual(new Set([...chosen, "global"]));
      }),
    );
  });

  it("would be caught without the colons: eastasia would take southeastasia", () => {
    expect(matches("**eastasia-*", urnOf("southeastasia-cluster"))).toBe(true);
    expect(matches("**::eastasia-*", urnOf("southeastasia-cluster"))).toBe(false);
  });

  it("refuses what is no region, with a suggestion", () => {
    expect(() => targetsFor(["japaneast", "uksoth"])).toThrow(UnknownRegionError);
    expect(() => targetsFor(["japaneast", "uksoth"])).toThrow('Did you mean "uksouth"?');
  });
});

describe("renderTargets", () => {
  it("quotes each for the shell", () => {
    expect(renderTargets(targetsFor(["japaneast", "uksouth"]))).toBe(
      "--target '**::japaneast-*' --target '**::uksouth-*' --target '**::global-*'",
    );
  });
});
