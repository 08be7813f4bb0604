import { parseFleet } from "../../../fleet";
import { hostsOf, mostRpcNodes, regionHost, rpcOf, rpcRegions } from "../../../fleet-rpc";
import { DEFAULT_METHODS } from "../../../gateway/policy";

const fleet = (rpc: object, own: object = {}) =>
  parseFleet({
    regions: ["japaneast", "uksouth", "brazilsouth", "italynorth"].map((name) => ({
      name,
      ...(name === "uksouth" && { rpc: own }),
    })),
    contracts: { salt: "test", owner: `0x${"1".repeat(40)}`, chains: {} },
    rpc,
  });
const hosts = ["rpc.example.org"];

describe("the RPC settings", () => {
  it("are off, private and narrow unless asked otherwise", () => {
    const { rpc } = fleet({});

    expect(rpc).toMatchObject({ enabled: false, exposure: "internal", entry: "none", origins: [], clients: [] });
    expect(rpc.methods).toEqual(DEFAULT_METHODS);
    expect(rpcRegions(fleet({}))).toEqual([]);
  });

  it("hold for every region, with a region's own on top", () => {
    const given = fleet({ enabled: true, hosts }, { maxReplicas: 2 });

    expect(rpcOf(given, "uksouth")).toMatchObject({ minReplicas: 2, maxReplicas: 2, hosts });
    expect(rpcOf(given, "japaneast")).toMatchObject({ minReplicas: 2, maxReplicas: 6 });
    expect(mostRpcNodes(given)).toBe(6 + 2 + 6 + 6);
  });

  it("may be switched on, or off, by a region", () => {
    expect(rpcRegions(fleet({ hosts }, { enabled: true }))).toEqual(["uksouth"]);
    expect(rpcRegions(fleet({ hosts, enabled: true }, { enabled: false }))).toEqual([
      "japaneast",
      "brazilsouth",
      "italynorth",
    ]);
  });

  it("make each region's names, and Azure's own where it is public", () => {
    const named = { hosts: ["{region}.rpc.example.org", "rpc.example.org"], exposure: "public" as const };

    expect(hostsOf(named, "japaneast", "fleet")).toEqual([
      "japaneast.rpc.example.org",
      "rpc.example.org",
      "meridian-fleet-rpc.japaneast.cloudapp.azure.com",
    ]);
    expect(regionHost(named, "japaneast", "fleet")).toBe("japaneast.rpc.example.org");
    expect(regionHost({ hosts }, "japaneast", "Fleet_1")).toBe("meridian-fleet-1-rpc.japaneast.cloudapp.azure.com");
  });

  it.each<[string, object, string]>([
    ["no name", {}, "meridian:rpc.hosts is missing. Allowed: one name or more"],
    ["more at least than at most", { hosts, minReplicas: 9 }, "meridian:rpc.maxReplicas is 6. Allowed: at least"],
    ["cert-manager without an issuer", { hosts, certificate: "certManager" }, "meridian:rpc.issuer is missing."],
    ["an issuer without cert-manager", { hosts, issuer: "x" }, 'meridian:rpc.issuer is "x". Allowed: none unless'],
    ["everyone without saying so", { exposure: "public" }, "meridian:rpc.clients is []. Allowed: one range or more"],
    ["an entry to nothing", { hosts, entry: "frontDoor" }, 'meridian:rpc.entry is "frontDoor". Allowed: "none"'],
    ["a method that changes a node", { hosts, methods: ["admin_addPeer"] }, 'rpc.methods[0] is "admin_addPeer"'],
    ["a name that is none", { hosts: ["https://x"] }, 'meridian:rpc.hosts[0] is "https://x"'],
    ["an origin with a path", { hosts, origins: ["https://x.org/a"] }, "meridian:rpc.origins[0]"],
    ["a misspelt setting", { hosts, metods: [] }, 'Did you mean "methods"?'],
  ])("are refused with their key: %s", (_, rpc, said) => {
    expect(() => fleet({ enabled: true, ...rpc })).toThrow(said);
  });

  it("are refused with a region's own key where its settings are at fault", () => {
    expect(() => fleet({ hosts }, { enabled: true, maxReplicas: 1 })).toThrow(
      "meridian:regions[1].rpc.maxReplicas is 1",
    );
  });
});

describe("ranges that are reserved", () => {
  const network = (settings: object) =>
    parseFleet({
      regions: ["japaneast", "uksouth", "brazilsouth", "italynorth"].map((name) => ({ name })),
      contracts: { salt: "test", owner: `0x${"1".repeat(40)}`, chains: {} },
      network: settings,
    });

  it("may lie beside the regions' own", () => {
    expect(network({ reserved: ["192.168.0.0/16"] }).network.reserved).toEqual(["192.168.0.0/16"]);
  });

  it("are refused where a region's network would take them", () => {
    expect(() => network({ reserved: ["10.25.128.0/20"] })).toThrow(
      'meridian:network.reserved is ["10.25.128.0/20"]. japaneast\'s virtual network 10.25.0.0/16 collides with 10.25.128.0/20 (reserved).',
    );
  });
});
