import type * as Pulumi from "@pulumi/pulumi";

import { applyEngineSpeed, dropVersionAliases } from "../../components/engine-speed";

const version = { type: "azure-native:network/v20230201:VirtualNetwork" };
const resource = Object.create(null) as Pulumi.Resource;
const transform = (type: string, aliases: Pulumi.CustomResourceOptions["aliases"]) =>
  dropVersionAliases({
    resource,
    type,
    name: "n",
    props: { a: 1 },
    opts: { aliases, protect: true },
  });

describe("dropVersionAliases", () => {
  it("drops azure-native's older types and leaves the other options and the properties alone", () => {
    expect(transform("azure-native:network:VirtualNetwork", [version, version])).toEqual({
      props: { a: 1 },
      opts: { aliases: [], protect: true },
    });
  });

  it("keeps every alias of ours: a former name, parent, URN or type elsewhere", () => {
    const ours = [
      { name: "old-name" },
      { ...version, name: "old-name" },
      "urn:pulumi:dev::meridian::azure-native:network:VirtualNetwork::old",
      { type: "meridian:region:Network" },
    ];

    expect(transform("azure-native:network:VirtualNetwork", [version, ...ours])?.opts).toMatchObject({ aliases: ours });
  });

  it.each([
    ["another provider's resource", "kubernetes:core/v1:Namespace", [version]],
    ["a resource without aliases", "azure-native:network:VirtualNetwork", undefined],
  ])("leaves %s as it is", (_, type, aliases) => {
    expect(transform(type, aliases)).toBeUndefined();
  });
});

describe("applyEngineSpeed", () => {
  const before = Object.entries(Object.getOwnPropertyDescriptors(Error)).filter(([name]) => /stack/i.test(name));
  const sourceMapped = () => "rewritten";
  beforeEach(() => {
    Error.prepareStackTrace = sourceMapped;
    Error.stackTraceLimit = 10;
  });
  afterEach(() => {
    Reflect.deleteProperty(Error, "prepareStackTrace");
    for (const [name, descriptor] of before) Object.defineProperty(Error, name, descriptor);
  });

  it("keeps stack traces short and as V8 writes them", () => {
    applyEngineSpeed({ versionAliases: "keep", stackTraces: "short" });

    expect(new Error("x").stack?.split("\n")).toHaveLength(1 + 2);
  });

  it("leaves them alone when they are wanted in full", () => {
    applyEngineSpeed({ versionAliases: "keep", stackTraces: "full" });

    expect(new Error("x").stack).toBe("rewritten");
    expect(Error.stackTraceLimit).toBe(10);
  });
});
