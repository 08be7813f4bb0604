import { azureRestore } from "../../../../operations/backups/azure-restore";
import { lookBeforeRestore, restoreValidator } from "../../../../operations/backups/restore";
import { azureClusters } from "../../../../operations/regions/azure-clusters";
import { subscriptionId } from "../../../../rehearsal/azure/cloud";
import { type RehearsedAzure, rehearsedAzure } from "../../../support/rehearsed-azure";

jest.setTimeout(120_000);

/** The drill by the SDK's own client, over HTTP, against the rehearsed Azure of five regions. */
async function openDrill(...trouble: string[]) {
  const azure = await rehearsedAzure("dev", { trouble });
  const { machinery, server, cloud } = azure;
  const clusters = await azureClusters({ endpoint: server.url, subscriptionId, entra: true, pollMs: 5 });
  const { network, validators } = machinery;
  const all = network.regions.flatMap((region) => region.validators);
  const side = azureRestore(clusters, network);
  const [validator] = network.regions.find(({ name }) => name === "japaneast")!.validators;
  const options = { validators, all, timeoutMs: 60_000, pollMs: 10 };
  return { azure, cloud, side, validator: validator!, options, clusters, network };
}

let open: RehearsedAzure | undefined;
const drill = async (...trouble: string[]) => {
  const opened = await openDrill(...trouble);
  open = opened.azure;
  return opened;
};
afterEach(async () => {
  await open?.server.close();
  open = undefined;
});

test("a validator is stopped, gets a disk of the newest ready snapshot, and comes back under its account", async () => {
  const { side, validator, options } = await drill();
  const { plan, account } = await lookBeforeRestore(side, validator, options);
  expect(plan.snapshot).toMatchObject({ ready: true, name: expect.stringContaining("data-validator-0-0-snapshots-") });
  expect(account).toMatch(/^0x[0-9a-f]{40}$/);

  const steps: string[] = [];
  const result = await restoreValidator(side, plan, validator, account, {
    ...options,
    onStep: (step) => steps.push(step),
  });
  expect(steps.map((step) => step.split(" ")[0])).toEqual(["stopping", "making", "starting", "waiting"]);
  expect(result.oldDisk).toBe("pvc-of-data-validator-0-0");
  expect(result.inSyncAt).toBeGreaterThanOrEqual(result.cameBackAt);
});

test("a disk in use is not replaced, nor made of a snapshot that is not ready", async () => {
  const { side, validator, options } = await drill();
  const { signal } = new AbortController();
  const snapshots = await side.snapshots(validator, signal);
  const [unready, ready] = [snapshots.find((one) => !one.ready)!, snapshots.find((one) => one.ready)!];

  await expect(side.swapDisk(validator, ready, signal)).rejects.toThrow("is in use");
  await side.stop(validator, signal);
  await expect(side.swapDisk(validator, unready, signal)).rejects.toThrow("is not ready");
  await expect(lookBeforeRestore(side, validator, options, unready.name)).rejects.toThrow("is not ready");
});

test("without its key in the vault, or without a quorum of the others, nothing is begun", async () => {
  const { side, validator, options, cloud, network } = await drill();
  const other = network.regions[0]!.validators[0]!;
  const { signal } = new AbortController();
  await side.stop(other, signal);
  await expect(lookBeforeRestore(side, validator, options)).rejects.toThrow("the chain needs 4");
  await side.start(other, signal);

  const key = cloud
    .below("/subscriptions/")
    .find(({ id }) => id.includes("japaneast") && id.endsWith("/secrets/validator-0-key"))!;
  cloud.remove(key.id);
  await expect(lookBeforeRestore(side, validator, options)).rejects.toThrow("has no key of validator 0");
  expect(await options.validators.report(validator, 1, signal)).toMatchObject({ region: "japaneast" });
});

test("a validator that comes back under another account fails the drill", async () => {
  const { side, validator, options } = await drill();
  const { plan } = await lookBeforeRestore(side, validator, options);
  const another = `0x${"ab".repeat(20)}`;
  await expect(restoreValidator(side, plan, validator, another, options)).rejects.toThrow("the vault has another key");
});

test("a region whose commands fail says so, and the validator is left as it was", async () => {
  const { side, validator, options } = await drill("fail@japaneast");
  await expect(lookBeforeRestore(side, validator, options)).rejects.toThrow(/japaneast/);
});
