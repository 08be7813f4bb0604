import { catalogue } from "../../../regions/catalogue";
import { azureName, azureNameKinds, logicalName, NameTooLongError, vaultName } from "../../../regions/naming";

describe("logicalName", () => {
  it("is led by its scope", () => {
    expect(logicalName("japaneast", "validator", 0)).toBe("japaneast-validator-0");
    expect(logicalName("global", "key", "japaneast", 0)).toBe("global-key-japaneast-0");
  });

  it("never begins with another region's name and a dash, so a target of one region takes no other", () => {
    const names = catalogue.map(({ name }) => name);
    const clashes = names.flatMap((a) => names.filter((b) => a !== b && logicalName(a, "cluster").startsWith(`${b}-`)));

    expect(clashes).toEqual([]);
  });
});

describe("azureName", () => {
  it("carries the stack's name where names of two stacks would meet", () => {
    expect(Object.fromEntries(azureNameKinds.map((kind) => [kind, azureName(kind, "dev", "japaneast")]))).toEqual({
      resourceGroup: "meridian-dev-japaneast",
      nodeResourceGroup: "meridian-dev-japaneast-nodes",
      virtualNetwork: "japaneast-network",
      networkSecurityGroup: "japaneast-members",
      publicIpAddress: "japaneast-egress",
      natGateway: "japaneast-egress",
      privateEndpoint: "japaneast-vault",
      networkManager: "japaneast-mesh",
      workspace: "japaneast-logs",
      rpcIdentity: "japaneast-rpc",
      globalEntry: "japaneast-entry",
      monitorWorkspace: "japaneast-metrics",
      dataCollection: "japaneast-metrics",
      identity: "japaneast-cluster",
      managedCluster: "japaneast-cluster",
      dnsPrefix: "meridian-japaneast",
    });
  });

  it("fits every region's name, with a stack's name of 46 characters, as docs/configuration.md says", () => {
    for (const { name } of catalogue) {
      for (const kind of azureNameKinds) expect(() => azureName(kind, "s".repeat(46), name)).not.toThrow();
    }
  });

  it("refuses a longer one and says by how much to shorten it", () => {
    expect(() => azureName("nodeResourceGroup", "s".repeat(60), "germanywestcentral")).toThrow(
      new NameTooLongError(
        `"meridian-${"s".repeat(60)}-germanywestcentral-nodes" is 94 characters and Azure allows 80 (nodeResourceGroup). ` +
          "Shorten the stack's name by 14.",
      ),
    );
  });
});

describe("vaultName", () => {
  it("is one that Key Vault accepts, for every region", () => {
    for (const { name } of catalogue) {
      expect(vaultName(name, "0badc0de")).toMatch(/^[a-z][a-z0-9]{2,14}-0badc0de$/);
    }
    expect(vaultName("germanywestcentral", "0badc0de")).toBe("germanywestcent-0badc0de");
  });
});
