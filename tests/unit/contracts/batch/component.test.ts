import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type * as Component from "../../../../components/contract-batch";
import type { ContractBatchArgs } from "../../../../components/contract-batch";
import { runWithMocks, type ProgramRun } from "../../../program/program";
import { withFolder } from "./support/run";

const address = "0x000000000000000000000000000000000000c0DE";
const args = { chain: "chain138", address, function: "f( uint256 x )(bool)" } as const;

/** Creates a batch resource whose file holds these items. */
const create = (items: unknown, more: Partial<ContractBatchArgs> = {}): Promise<ProgramRun> =>
  withFolder((folder) => {
    const batchArgs = join(folder, "smoke.json");
    writeFileSync(batchArgs, JSON.stringify(items));
    return runWithMocks({}, () => {
      const { ContractBatch } = jest.requireActual<typeof Component>("../../../../components/contract-batch");
      return { batch: new ContractBatch("chain138-smoke", { ...args, batchArgs, ...more }).urn };
    });
  });

test("is one command that runs `meridian batch`, quoted for a shell", async () => {
  const run = await create([{ args: [1], expected: true }], { rpcUrl: "http://node:8545" });
  const { inputs } = run.one("chain138-smoke-run");
  expect(inputs.create).toMatch(/^node bin\/meridian\.mjs batch --failed-only --contract '0x0+c0DE' /);
  expect(inputs.create).toContain("--function 'f(uint256)(bool)'");
  expect(inputs.create).toContain("--chain 'chain138' --isolation 'independent' --format 'ndjson'");
  expect(inputs.environment).toEqual({ MERIDIAN_CHAIN138_RPC_URL: "http://node:8545" });
});

test("runs again when the content of its file changes", async () => {
  await withFolder(async (folder) => {
    const batchArgs = join(folder, "same.json");
    const triggers = async (content: unknown): Promise<string[]> => {
      writeFileSync(batchArgs, JSON.stringify(content));
      return (await create([], { batchArgs })).one("chain138-smoke-run").inputs.triggers as string[];
    };
    const one = await triggers([{ args: [1] }]);
    expect(await triggers([{ args: [1] }])).toEqual(one);
    expect(await triggers([{ args: [2] }])).not.toEqual(one);
  });
});

test.each<[unknown, Partial<ContractBatchArgs>, string]>([
  [[{ args: ["x"] }], {}, "[0].args[0]: must be an integer"],
  [[{ args: [1] }], { function: "f" }, 'function "f" cannot be read'],
  [[{ args: [1] }], { batchArgs: "/nonexistent.json" }, "cannot be read"],
  [[{ args: [1] }], { address: "0x1" }, "which is no address"],
  [[{ args: [1], block: 5 }], { isolation: "shared" }, "block: cannot be given"],
])("a mistake fails the preview: %j %j", async (items, more, problem) => {
  await expect(create(items, more)).rejects.toThrow(problem);
});
