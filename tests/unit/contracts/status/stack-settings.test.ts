import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { StackFileError, stackContracts } from "../../../../contracts/status/stack-settings";
import { suite } from "../../../../contracts/suite";
import { withFolder } from "../batch/support/run";

const read = (yaml: string) =>
  withFolder((folder) => {
    writeFileSync(join(folder, "Pulumi.test.yaml"), yaml);
    return Promise.resolve(stackContracts("test", folder));
  });
const config = (contracts: string): string => `config:\n  meridian:contracts: ${contracts}\n`;
const owner = "0x000000000000000000000000000000000000c0de";

test("the default stack can be read", () => {
  expect(stackContracts("dev").chains.map(({ chain }) => chain)).toEqual(["chain138", "chain1"]);
});

test("reads salt, settings and chains", async () => {
  const yaml = config(
    `{ salt: s, owner: "${owner}", threshold: 1, chains: { chain138: { rpcUrl: "http://n", maxFeeGwei: 3, confirmations: 2 } } }`,
  );
  expect(await read(yaml)).toEqual({
    salt: "s",
    suite,
    settings: { owner, threshold: 1 },
    mode: "batches",
    chains: [{ chain: "chain138", rpcUrl: "http://n", policy: { maxFeeGwei: 3, confirmations: 2 } }],
  });
});

test.each([
  ["config: [", "Pulumi.test.yaml cannot be read"],
  ["", "meridian:contracts in Pulumi.test.yaml"],
  [config(`{ owner: "${owner}", chains: {} }`), "meridian:contracts.salt in Pulumi.test.yaml"],
  [config('{ salt: s, owner: "0x1", chains: {} }'), "meridian:contracts.owner in Pulumi.test.yaml: is no address"],
  [
    config(`{ salt: s, owner: "${owner}", chains: { chain2: {} } }`),
    "meridian:contracts.chains.chain2 in Pulumi.test.yaml",
  ],
])("refuses %j and names file and key", async (yaml, problem) => {
  await expect(read(yaml)).rejects.toThrow(StackFileError);
  await expect(read(yaml)).rejects.toThrow(problem);
});

test("reads where contracts are published, and refuses a service that is none", async () => {
  const yaml = (publish: string) => config(`{ salt: s, owner: "${owner}", chains: {}, publish: ${publish} }`);
  const publish = { chain138: { blockscout: "https://explorer.example" }, chain1: { etherscan: "public" } };
  expect((await read(yaml(JSON.stringify(publish)))).publish).toEqual(publish);
  await expect(read(yaml("{ chain1: { etherskan: public } }"))).rejects.toThrow("meridian:contracts.publish.chain1");
});

test("a stack without a file is told", () => {
  expect(() => stackContracts("nosuch")).toThrow("Pulumi.nosuch.yaml cannot be read");
});
