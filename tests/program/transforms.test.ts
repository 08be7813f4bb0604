import type { Transforms } from "../../components/transforms";
import { runProgram } from "./program";

jest.setTimeout(60_000);

const yaml = `
config:
  meridian:regions: [{ name: japaneast }, { name: uksouth }, { name: brazilsouth }, { name: italynorth }]
  meridian:contracts:
    salt: test
    owner: "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
    chains: {}
  meridian:rpc: { enabled: true, exposure: public, clients: ["0.0.0.0/0"], entry: trafficManager }
`;

/** Adds a tag that Meridian never sets, or a label where there are no tags. */
const tagged = <Args extends { tags?: unknown }>(args: Args): Args => ({ ...args, tags: { mine: "yes" } });
const labelled = <Args extends { metadata?: unknown }>(args: Args): Args => ({
  ...args,
  metadata: { ...(args.metadata as object), labels: { mine: "yes" } },
});

const all: Transforms = {
  mesh: { manager: tagged, connectivity: (args) => ({ ...args, description: "mine" }) },
  entry: { trafficManager: tagged },
  region: (region) =>
    region !== "japaneast"
      ? {}
      : {
          group: tagged,
          logs: tagged,
          network: { securityGroup: tagged, egressAddress: tagged, natGateway: tagged, virtualNetwork: tagged },
          cluster: { cluster: tagged, validatorPool: tagged, rpcPool: tagged },
          keyVault: { vault: tagged, endpoint: tagged },
          validator: { statefulSet: labelled, service: labelled },
          rpc: { statefulSet: labelled, service: labelled, autoscaler: labelled },
        },
};

describe("transforms.ts", () => {
  it("changes every child that it names, of that region alone", async () => {
    jest.doMock("../../transforms", () => ({ transforms: all }));
    const run = await runProgram(yaml);
    jest.dontMock("../../transforms");
    const mine = run.resources
      .filter(
        ({ inputs }) =>
          inputs.tags?.mine === "yes" || inputs.metadata?.labels?.mine === "yes" || inputs.description === "mine",
      )
      .map(({ name }) => name);

    expect(mine.sort()).toEqual(
      [
        ...["global-entry-profile", "global-mesh-connectivity", "global-mesh-manager"],
        ...["cluster-aks", "cluster-rpc", "cluster-validators", "group", "keys-endpoint", "keys-vault", "logs"].map(
          (name) => `japaneast-${name}`,
        ),
        ...["egress-address", "nat", "rules", "vnet"].map((name) => `japaneast-network-${name}`),
        ...["rpc-autoscaler", "rpc-service", "rpc-set", "validator-0-service", "validator-0-set"].map(
          (name) => `japaneast-${name}`,
        ),
      ].sort(),
    );
  });

  it("changes nothing as it comes", async () => {
    const { transforms } = await import("../../transforms.js");

    expect(transforms).toEqual({});
  });
});
