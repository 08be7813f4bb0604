import { rpcPeerRegions } from "../../../regions/rpc-peers";
import { vcpusOf } from "../../../regions/vm-size";

describe("rpcPeerRegions", () => {
  it("are a region's own validators and those of the two nearest", () => {
    expect(rpcPeerRegions("uksouth", ["japaneast", "northeurope", "westeurope", "uksouth", "brazilsouth"])).toEqual([
      "uksouth",
      "westeurope",
      "northeurope",
    ]);
  });

  it("are the same whatever the order where round trips differ, and moved by no region that is far", () => {
    const near = ["northeurope", "westeurope", "uksouth"];

    expect(rpcPeerRegions("uksouth", [...near, "japaneast"].reverse())).toEqual(rpcPeerRegions("uksouth", near));
  });

  it("follow the order given where no round trip is published", () => {
    expect(rpcPeerRegions("belgiumcentral", ["australiacentral2", "belgiumcentral"])).toEqual([
      "belgiumcentral",
      "australiacentral2",
    ]);
  });
});

describe("vcpusOf", () => {
  it.each([
    ["Standard_D4s_v5", 4],
    ["Standard_D2s_v5", 2],
    ["Standard_E96ads_v6", 96],
    ["Standard_M8-2ms_v3", 2],
    ["Standard_DC16as_v5", 16],
    ["Standard_F8", 8],
    ["Standard_Whatever", undefined],
    ["Basic", undefined],
  ])("of %s is %s", (size, vcpus) => {
    expect(vcpusOf(size)).toBe(vcpus);
  });
});
