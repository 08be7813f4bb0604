import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import fc from "fast-check";

import { contains, overlap, parseRange } from "../../../rehearsal/azure/addresses";
import { ArmError } from "../../../rehearsal/azure/checks";
import { armId, azureTypeOf, Cloud, judgePut } from "../../../rehearsal/azure/cloud";
import { durationMs } from "../../../rehearsal/azure/latency";
import type { Properties } from "../../../rehearsal/protocol/values";

const groupToken = "azure-native:resources:ResourceGroup";
const networkToken = "azure-native:network:VirtualNetwork";
const subnetToken = "azure-native:network:Subnet";
const clusterToken = "azure-native:containerservice:ManagedCluster";

const group = { resourceGroupName: "rg", location: "japaneast" };
const network = {
  resourceGroupName: "rg",
  virtualNetworkName: "vnet",
  addressSpace: { addressPrefixes: ["10.1.0.0/16"] },
};
const subnet = (subnetName: string, addressPrefix: string): Properties => ({
  resourceGroupName: "rg",
  virtualNetworkName: "vnet",
  subnetName,
  addressPrefix,
});
const cluster = (location: string): Properties => ({ resourceGroupName: "rg", resourceName: "aks", location });

const typeOf = (token: string) => azureTypeOf(token)!;

const put = (cloud: Cloud, token: string, inputs: Properties): void => {
  judgePut(cloud, token, typeOf(token), inputs);
  const id = armId(typeOf(token), inputs);
  cloud.put({ id, type: token, inputs, outputs: {}, state: "Succeeded", acceptedMs: 0 });
};

const cloudWith = (...resources: readonly (readonly [string, Properties])[]): Cloud => {
  const cloud = new Cloud();
  for (const [token, inputs] of resources) put(cloud, token, inputs);
  return cloud;
};

const refusalOf = (cloud: Cloud, token: string, inputs: Properties): ArmError | undefined => {
  try {
    judgePut(cloud, token, typeOf(token), inputs);
    return undefined;
  } catch (error) {
    if (error instanceof ArmError) return error;
    throw error;
  }
};

describe("ARM's checks of a new resource", () => {
  test("a bad name", () => {
    const refusal = refusalOf(new Cloud(), groupToken, { ...group, resourceGroupName: "rg japan!" });
    expect(refusal).toMatchObject({ status: 400, code: "InvalidResourceGroup" });
    expect(refusal?.message).toBe(
      `Status=400 Code="InvalidResourceGroup" Message="The provided resource group name 'rg japan!' has these invalid characters: ' !'. The name can only be a letter, digit, '-', '.', '(', ')' or '_'."`,
    );
  });

  test.each([
    [groupToken, { ...group, resourceGroupName: "g".repeat(91) }, "InvalidResourceGroup"],
    [networkToken, { ...network, virtualNetworkName: "v".repeat(81) }, "InvalidResourceName"],
    [clusterToken, { ...cluster("japaneast"), resourceName: "c".repeat(64) }, "InvalidParameter"],
  ])("a name that is one letter too long: %s", (token, inputs, code) => {
    expect(refusalOf(cloudWith([groupToken, group]), token, inputs)?.code).toBe(code);
  });

  test.each([
    [groupToken, { ...group, resourceGroupName: "g".repeat(90) }],
    [networkToken, { ...network, virtualNetworkName: "v".repeat(80) }],
    [clusterToken, { ...cluster("japaneast"), resourceName: "c".repeat(63) }],
  ])("a name of the longest length is accepted: %s", (token, inputs) => {
    expect(refusalOf(cloudWith([groupToken, group]), token, inputs)).toBeUndefined();
  });

  test("an address prefix outside its network", () => {
    const cloud = cloudWith([groupToken, group], [networkToken, network]);
    expect(refusalOf(cloud, subnetToken, subnet("a", "10.2.0.0/24"))?.code).toBe("NetcfgSubnetRangeOutsideVnet");
    expect(refusalOf(cloud, subnetToken, subnet("a", "10.0.0.0/15"))?.code).toBe("NetcfgSubnetRangeOutsideVnet");
    expect(refusalOf(cloud, subnetToken, subnet("a", "10.1.255.0/24"))).toBeUndefined();
  });

  test("overlapping subnets", () => {
    const cloud = cloudWith([groupToken, group], [networkToken, network], [subnetToken, subnet("a", "10.1.0.0/24")]);
    const refusal = refusalOf(cloud, subnetToken, subnet("b", "10.1.0.128/25"));
    expect(refusal?.message).toBe(
      `Status=400 Code="NetcfgSubnetRangesOverlap" Message="Subnet 'b' is not valid because its IP address range overlaps with that of an existing subnet in virtual network 'vnet'."`,
    );
    expect(refusalOf(cloud, subnetToken, subnet("b", "10.1.1.0/24"))).toBeUndefined();
  });

  test("subnets inside their network's own request are judged alike", () => {
    const withSubnets = (...prefixes: string[]): Properties => ({
      ...network,
      subnets: prefixes.map((addressPrefix, index) => ({ name: `s${index}`, addressPrefix })),
    });
    const refused = (inputs: Properties) => refusalOf(cloudWith([groupToken, group]), networkToken, inputs)?.code;
    expect(refused(withSubnets("10.1.0.0/24", "10.1.1.0/24"))).toBeUndefined();
    expect(refused(withSubnets("10.1.0.0/24", "10.1.0.0/25"))).toBe("NetcfgSubnetRangesOverlap");
    expect(refused(withSubnets("10.1.0.0/24", "10.9.0.0/24"))).toBe("NetcfgSubnetRangeOutsideVnet");
  });

  test("two clusters of one name", () => {
    const cloud = cloudWith([groupToken, group], [clusterToken, cluster("japaneast")]);
    const elsewhere = refusalOf(cloud, clusterToken, cluster("uksouth"));
    expect(elsewhere).toMatchObject({ status: 409, code: "InvalidResourceLocation" });
    expect(elsewhere?.detail).toContain("already exists in location 'japaneast' in resource group 'rg'");
    expect(refusalOf(cloud, clusterToken, cluster("japaneast"))).toMatchObject({
      status: 409,
      code: "OperationNotAllowed",
    });
  });

  test("a resource without its group, and a subnet without its network", () => {
    expect(refusalOf(new Cloud(), networkToken, network)?.code).toBe("ResourceGroupNotFound");
    expect(refusalOf(cloudWith([groupToken, group]), subnetToken, subnet("a", "10.1.0.0/24"))?.code).toBe(
      "ParentResourceNotFound",
    );
  });

  test("a checker that looks at the first address only would miss a subnet around another, and is caught", () => {
    const [inner, outer] = ["10.1.4.0/24", "10.1.0.0/20"].map((cidr) => parseRange(cidr)!) as [never, never];
    const broken = (a: { first: number }, b: { first: number; last: number }): boolean =>
      a.first >= b.first && a.first <= b.last;
    expect(overlap(outer, inner)).toBe(true);
    expect(broken(outer, inner)).toBe(false);
  });
});

describe("address ranges", () => {
  const cidr = fc.tuple(fc.ipV4(), fc.integer({ min: 8, max: 30 })).map(([address, bits]) => `${address}/${bits}`);

  test("overlap is symmetric, and containment implies it", () => {
    fc.assert(
      fc.property(cidr, cidr, (a, b) => {
        const [left, right] = [parseRange(a)!, parseRange(b)!];
        expect(overlap(left, right)).toBe(overlap(right, left));
        if (contains(left, right)) expect(overlap(left, right)).toBe(true);
        expect(contains(left, left)).toBe(true);
      }),
    );
  });

  test.each(["10.0.0.0", "10.0.0.0/33", "256.0.0.0/8", "::/0", ""])("%j is no range", (text) => {
    expect(parseRange(text)).toBeUndefined();
  });
});

describe("modelled durations", () => {
  test("depend on seed, URN and operation alone", () => {
    expect(durationMs(7, clusterToken, "urn:a", "create")).toBe(durationMs(7, clusterToken, "urn:a", "create"));
    expect(durationMs(7, clusterToken, "urn:a", "create")).not.toBe(durationMs(8, clusterToken, "urn:a", "create"));
    expect(durationMs(7, clusterToken, "urn:a", "create")).not.toBe(durationMs(7, clusterToken, "urn:b", "create"));
  });

  test("have the table's median and 95th percentile", () => {
    const sample = Array.from(
      { length: 4000 },
      (_, n) => durationMs(1, clusterToken, `urn:${n}`, "create") / 1000,
    ).sort((a, b) => a - b);
    expect(sample[2000]! / 270).toBeCloseTo(1, 1);
    expect(sample[3800]! / 600).toBeCloseTo(1, 1);
    expect(sample.every((seconds) => seconds > 0)).toBe(true);
  });
});

describe("the simulated cloud", () => {
  test("remembers over runs, and survives a line torn by a kill", () => {
    const folder = mkdtempSync(join(tmpdir(), "meridian-cloud-"));
    try {
      const file = join(folder, "cloud.jsonl");
      const first = new Cloud(file);
      put(first, groupToken, group);
      put(first, networkToken, network);
      first.remove(armId(typeOf(networkToken), network));
      appendFileSync(file, '{"put":{"id":"/subscriptions/torn');
      const second = new Cloud(file);
      expect(second.below("").map(({ id }) => id)).toEqual([armId(typeOf(groupToken), group)]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("what was being created when a run ended is finished before the next, by the time that was left", () => {
    const folder = mkdtempSync(join(tmpdir(), "meridian-cloud-"));
    try {
      const file = join(folder, "cloud.jsonl");
      const first = new Cloud(file);
      put(first, groupToken, group);
      const id = armId(typeOf(networkToken), network);
      const resource = { id, type: networkToken, inputs: network, outputs: {}, acceptedMs: 4000 };
      first.put({ ...resource, state: "Creating", endsMs: 10_000 });
      first.put({ ...resource, id: `${id}-2`, state: "Succeeded", acceptedMs: 0 }, 7000);
      const second = new Cloud(file);
      expect(second.beginRun()).toMatchObject([{ resource: { id }, remainingMs: 3000 }]);
      expect(second.get(id)?.state).toBe("Succeeded");
      expect(new Cloud(file).beginRun()).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("compares ids without regard to case, as ARM does", () => {
    const cloud = cloudWith([groupToken, group]);
    expect(cloud.get(armId(typeOf(groupToken), { ...group, resourceGroupName: "RG" }))).toBeDefined();
  });
});
