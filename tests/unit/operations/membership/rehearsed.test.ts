import { validatorSet } from "../../../../besu/membership";
import { podAdmin } from "../../../../operations/membership/admin";
import { changeMembership, type MembershipSide, standingVotes } from "../../../../operations/membership/change";
import { azureClusters } from "../../../../operations/regions/azure-clusters";
import { subscriptionId } from "../../../../rehearsal/azure/cloud";
import { rehearsedAzure, type RehearsedAzure } from "../../../support/rehearsed-azure";

jest.setTimeout(60_000);

let azure: RehearsedAzure;
let side: MembershipSide;
beforeAll(async () => {
  azure = await rehearsedAzure("dev");
  const { network, validators } = azure.machinery;
  const endpoint = azure.server.url;
  const clusters = await azureClusters({ endpoint, subscriptionId, entra: true, pollMs: 5 });
  const all = network.regions.flatMap((region) => region.validators);
  side = { admin: podAdmin(clusters, network), validators, all, allowSingleRegionHalt: false };
});
afterAll(() => azure.server.close());

const options = { timeoutMs: 30_000, pollMs: 10 };

test("by commands in Azure's clusters one is dismissed and admitted again, and no vote is left", async () => {
  const [out] = await changeMembership(side, "dismiss", ["japaneast/0"], options);
  expect(out).toMatchObject({ name: "japaneast/0", before: 5, after: 4, untold: [] });
  expect(azure.server.chain.validators).toHaveLength(4);
  expect(azure.server.chain.validators).not.toContain(out?.address);

  const [back] = await changeMembership(side, "admit", ["japaneast/0"], options);
  expect(back).toMatchObject({ address: out?.address, before: 4, after: 5, untold: [] });
  expect(azure.server.chain.validators).toHaveLength(5);
  const standing = await standingVotes(side, new AbortController().signal);
  expect([...standing.values()]).toEqual(Array.from({ length: 5 }, () => ({})));
});

test("a pod that is not there is an error that names its region", async () => {
  const call = side.admin.call(
    { region: "japaneast", ordinal: 7, url: "" },
    [validatorSet],
    new AbortController().signal,
  );
  await expect(call).rejects.toThrow(/japaneast.*"validator-7-0" not found/);
});
