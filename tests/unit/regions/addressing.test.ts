import fc from "fast-check";

import {
  addressBlock,
  addressRegion,
  AddressingError,
  LONGEST_OVERLAY_SUPERNET_PREFIX,
  MAX_REGIONS,
  MAX_VALIDATORS_PER_REGION,
  overlayBlock,
  overlayRegion,
  refuseCollisions,
  validatorAddress,
} from "../../../regions/addressing";
import { catalogue, UnknownRegionError } from "../../../regions/catalogue";

interface Range {
  readonly first: number;
  readonly last: number;
}

const addressOf = (text: string) => text.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);
const rangeOf = (cidr: string): Range => {
  const [address, prefix] = cidr.split("/");
  const first = addressOf(address!);
  return { first, last: first + 2 ** (32 - Number(prefix)) - 1 };
};
const overlap = (a: Range, b: Range) => a.first <= b.last && b.first <= a.last;
const within = (inner: Range, outer: Range) => outer.first <= inner.first && inner.last <= outer.last;

const regionName = fc.constantFrom(...catalogue.map(({ name }) => name));
const ordinal = fc.integer({ min: 0, max: MAX_VALIDATORS_PER_REGION - 1 });
const supernetUpTo = (longest: number) =>
  fc.integer({ min: 1, max: longest }).chain((prefix) =>
    fc.nat(2 ** prefix - 1).map((block) => {
      const base = block * 2 ** (32 - prefix);
      return `${[24, 16, 8, 0].map((shift) => Math.floor(base / 2 ** shift) % 256).join(".")}/${prefix}`;
    }),
  );
const supernet = supernetUpTo(14);

/** The judge of the properties below: every fault of a plan in words. */
function faults(ranges: readonly Range[], outer: Range): string[] {
  const outside = ranges.filter((range) => !within(range, outer)).map(() => "outside");
  const colliding = ranges.flatMap((a, i) => ranges.slice(i + 1).filter((b) => overlap(a, b)));
  return [...outside, ...colliding.map(() => "overlap")];
}

describe("addressRegion", () => {
  it("gives japaneast these ranges, for ever", () => {
    expect(addressRegion("japaneast")).toEqual({
      virtualNetwork: "10.25.0.0/16",
      subnets: {
        loadBalancers: "10.25.0.0/18",
        system: "10.25.64.0/18",
        validators: "10.25.128.0/18",
        privateEndpoints: "10.25.192.0/18",
      },
    });
  });

  it("keeps all regions apart and inside the supernet, whatever the supernet", () => {
    fc.assert(
      fc.property(supernet, (outer) => {
        const networks = catalogue.map(({ name }) => rangeOf(addressRegion(name, outer).virtualNetwork));
        expect(faults(networks, rangeOf(outer))).toEqual([]);
      }),
    );
  });

  it("keeps a region's subnets apart and inside its network", () => {
    fc.assert(
      fc.property(regionName, supernet, (region, outer) => {
        const { virtualNetwork, subnets } = addressRegion(region, outer);
        expect(faults(Object.values(subnets).map(rangeOf), rangeOf(virtualNetwork))).toEqual([]);
      }),
    );
  });

  it("would be caught if two regions shared a block, or one lay outside", () => {
    const [a, b] = [rangeOf("10.1.0.0/16"), rangeOf("10.1.128.0/17")];

    expect(faults([a, b], rangeOf("10.0.0.0/8"))).toEqual(["overlap"]);
    expect(faults([a], rangeOf("10.2.0.0/16"))).toEqual(["outside"]);
  });

  it.each(["10.0.0.0", "10.0.0.0/15", "10.0.0.0/0", "10.0.0.256/8", "10.1.0.0/8", "fd00::/8", "", "10.0.0.0/8 "])(
    "refuses the supernet %p with an example of a good one",
    (bad) => {
      expect(() => addressRegion("japaneast", bad)).toThrow(AddressingError);
      expect(() => addressRegion("japaneast", bad)).toThrow(/Give .*\d\/\d/);
    },
  );

  it("refuses what is no region", () => {
    expect(() => addressRegion("atlantis")).toThrow(UnknownRegionError);
  });
});

describe("validatorAddress", () => {
  it("is fixed by region and ordinal", () => {
    expect([0, 1, 99].map((n) => validatorAddress("japaneast", n))).toEqual([
      "10.25.0.10",
      "10.25.0.11",
      "10.25.0.109",
    ]);
  });

  it("is unique, and lies in the region's load-balancer subnet beyond what Azure keeps", () => {
    fc.assert(
      fc.property(regionName, ordinal, regionName, ordinal, supernet, (a, m, b, n, outer) => {
        const address = addressOf(validatorAddress(a, m, outer));
        const subnet = rangeOf(addressRegion(a, outer).subnets.loadBalancers);
        expect(address).toBeGreaterThanOrEqual(subnet.first + 4);
        expect(address).toBeLessThan(subnet.last);
        if (a !== b || m !== n) expect(validatorAddress(b, n, outer)).not.toBe(validatorAddress(a, m, outer));
      }),
    );
  });

  it.each([-1, 0.5, MAX_VALIDATORS_PER_REGION, NaN])("refuses ordinal %p", (bad) => {
    expect(() => validatorAddress("japaneast", bad)).toThrow(AddressingError);
  });
});

describe("overlayRegion", () => {
  it("gives japaneast these ranges, for ever", () => {
    expect(overlayRegion("japaneast")).toEqual({
      pods: "10.153.0.0/17",
      services: "10.153.128.0/20",
      dnsService: "10.153.128.10",
    });
  });

  it("keeps networks, pods and services of 100 regions apart and inside the supernet, whatever the supernet", () => {
    const blocks = Array.from({ length: MAX_REGIONS }, (_, i) => i);
    fc.assert(
      fc.property(supernetUpTo(LONGEST_OVERLAY_SUPERNET_PREFIX), (outer) => {
        const ranges = blocks.flatMap((index) => {
          const { pods, services } = overlayBlock(index, outer);
          return [addressBlock(index, outer).virtualNetwork, pods, services].map(rangeOf);
        });
        expect(faults(ranges, rangeOf(outer))).toEqual([]);
      }),
      { numRuns: 20 },
    );
  });

  it("has room for 16 nodes at least, and its DNS service inside", () => {
    fc.assert(
      fc.property(regionName, supernetUpTo(LONGEST_OVERLAY_SUPERNET_PREFIX), (region, outer) => {
        const { pods, services, dnsService } = overlayRegion(region, outer);
        expect(Number(pods.split("/")[1])).toBeLessThanOrEqual(20);
        expect(within(rangeOf(`${dnsService}/32`), rangeOf(services))).toBe(true);
      }),
    );
  });

  it("refuses a supernet without room for pods", () => {
    expect(() => overlayRegion("japaneast", "10.0.0.0/12")).toThrow(
      new AddressingError('Supernet "10.0.0.0/12" is too small for pods. Give a network of /11 or shorter.'),
    );
  });

  it.each([-1, MAX_REGIONS, 0.5])("refuses region number %p", (index) => {
    expect(() => addressBlock(index)).toThrow(AddressingError);
    expect(() => overlayBlock(index)).toThrow(`Region number ${index} has no addresses. Give 0 to 99.`);
  });

  it("has a number for every region of the catalogue", () => {
    expect(catalogue.length).toBeLessThanOrEqual(MAX_REGIONS);
  });
});

describe("refuseCollisions", () => {
  const regions = ["japaneast", "uksouth"];

  it("accepts what is elsewhere", () => {
    expect(() => refuseCollisions(regions, ["192.168.0.0/16", "10.26.0.0/16"])).not.toThrow();
  });

  it.each([
    ["10.25.7.0/24", "japaneast's virtual network 10.25.0.0/16 collides with 10.25.7.0/24 (reserved)."],
    ["10.0.0.0/8", "japaneast's virtual network 10.25.0.0/16 collides with 10.0.0.0/8 (reserved)."],
    ["10.153.1.1/32", "japaneast's pods 10.153.0.0/17 collides with 10.153.1.1/32 (reserved)."],
    ["10.153.128.0/17", "japaneast's services 10.153.128.0/20 collides with 10.153.128.0/17 (reserved)."],
    ["the VPN", '"the VPN" is not an IPv4 network. Give one such as 192.168.0.0/16.'],
  ])("refuses a reserved %s", (range, message) => {
    expect(() => refuseCollisions(regions, [range])).toThrow(AddressingError);
    expect(() => refuseCollisions(regions, [range])).toThrow(message);
  });

  it("refuses a supernet in which a region meets what AKS keeps", () => {
    expect(() =>
      refuseCollisions(
        catalogue.map(({ name }) => name),
        [],
        "172.0.0.0/8",
      ),
    ).toThrow("collides with 172.30.0.0/16 (kept by AKS)");
  });

  it("refuses more than 100 regions", () => {
    expect(() => refuseCollisions(Array.from({ length: 101 }, () => "japaneast"))).toThrow(
      "101 regions have no room. Give at most 100.",
    );
  });

  it("says the same of a region whatever others there are", () => {
    fc.assert(
      fc.property(fc.subarray(catalogue.map(({ name }) => name)), (others) => {
        expect(() => refuseCollisions([...others, "japaneast"], ["10.153.0.0/24"])).toThrow("japaneast's pods");
      }),
    );
  });
});
