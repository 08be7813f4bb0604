import { getCreate2Address, type Address, type Hex } from "viem";
import { compileContracts, type Artifact, type Build } from "../../../contracts/compile";
import { ContractTooLargeError, planChain, saltOf } from "../../../contracts/plan";
import { suite } from "../../../contracts/suite";
import { SuiteError } from "../../../contracts/suites/errors";

const owner: Address = "0x000000000000000000000000000000000000c0de";
let build: Build;
beforeAll(() => {
  build = compileContracts(() => undefined);
}, 120_000);

const plan = (chain: string) => planChain(chain, { owner }, "salt", build);
const batches = (chain: string): string[][] => {
  const found: string[][] = [];
  for (const { batch, name } of plan(chain)) (found[batch] ??= []).push(name);
  return found;
};

/** EIP-1014, "Examples": deployer, salt, init code, address. */
const zeros = "00".repeat(20);
const vectors: [Address, Hex, Hex, Address][] = [
  [`0x${zeros}`, `0x${"00".repeat(32)}`, "0x00", "0x4D1A2e2bB4F88F0250f26Ffff098B0b30B26BF38"],
  [`0xdeadbeef${"00".repeat(16)}`, `0x${"00".repeat(32)}`, "0x00", "0xB928f69Bb1D91Cd65274e3c79d8986362984fDA3"],
  [
    `0xdeadbeef${"00".repeat(16)}`,
    `0x${"00".repeat(12)}feed${"00".repeat(18)}`,
    "0x00",
    "0xD04116cDd17beBE565EB2422F2497E06cC1C9833",
  ],
  [`0x${zeros}`, `0x${"00".repeat(32)}`, "0xdeadbeef", "0x70f2b2914A2a4b783FaEFb75f459A580616Fcb5e"],
  [
    "0x00000000000000000000000000000000deadbeef",
    `0x${"00".repeat(28)}cafebabe`,
    "0xdeadbeef",
    "0x60f3f640a8508fC6a86d45DF051962668E1e8AC7",
  ],
  [
    "0x00000000000000000000000000000000deadbeef",
    `0x${"00".repeat(28)}cafebabe`,
    `0x${"deadbeef".repeat(11)}`,
    "0x1d8bfDC5D46DC4f61D6b6115972536eBE6A8854C",
  ],
  [`0x${zeros}`, `0x${"00".repeat(32)}`, "0x", "0xE33C0C7F7df4809055C3ebA6c09CFe4BaF1BD9e0"],
];

test.each(vectors)("the CREATE2 address of EIP-1014's example %#", (from, salt, bytecode, address) => {
  expect(getCreate2Address({ from, salt, bytecode })).toBe(address);
});

describe("the suite's plan", () => {
  test("of chain 138: nine contracts; oracle and multisig wait for no router and no bridge", () => {
    expect(batches("chain138")).toEqual([
      ["chain138-multicall3", "chain138-weth9", "chain138-weth10", "chain138-oracle-aggregator", "chain138-multisig"],
      ["chain138-ccip-router", "chain138-oracle-proxy"],
      ["chain138-ccip-weth9-bridge", "chain138-ccip-weth10-bridge"],
    ]);
  });

  test("of chain 1: seven contracts, without the oracle", () => {
    expect(batches("chain1")).toEqual([
      ["chain1-multicall3", "chain1-weth9", "chain1-weth10", "chain1-multisig"],
      ["chain1-ccip-router"],
      ["chain1-ccip-weth9-bridge", "chain1-ccip-weth10-bridge"],
    ]);
  });

  test("has the four phases as labels, and the router after all of the first", () => {
    const byName = new Map(plan("chain138").map((planned) => [planned.contract, planned]));
    expect([...new Set(suite.contracts.map(({ phase }) => phase))]).toEqual([
      "independent",
      "router",
      "bridges",
      "oracle and multisig",
    ]);
    expect(byName.get("CCIPRouter")?.needs).toEqual(["chain138-multicall3", "chain138-weth9", "chain138-weth10"]);
    expect(byName.get("CCIPWETH9Bridge")?.needs).toEqual(["chain138-ccip-router", "chain138-weth9"]);
    expect(byName.get("OracleProxy")?.needs).toEqual(["chain138-oracle-aggregator"]);
    expect(byName.get("MultiSig")?.needs).toEqual([]);
  });

  test("puts the predicted address of a reference into the constructor's arguments", () => {
    const byName = new Map(plan("chain138").map((planned) => [planned.contract, planned]));
    const router = byName.get("CCIPRouter")!.address.slice(2).toLowerCase();
    expect(byName.get("CCIPWETH9Bridge")!.initCode).toContain(router);
  });

  test("is the same every time, and has other addresses for another salt or owner", () => {
    const addresses = (salt: string, by: Address): string[] =>
      planChain("chain138", { owner: by }, salt, build).map(({ address }) => address);
    expect(addresses("salt", owner)).toEqual(addresses("salt", owner));
    const other = addresses("pepper", owner);
    expect(addresses("salt", owner).some((address) => other.includes(address))).toBe(false);
    // What has no owner in its constructor keeps its address; the rest moves.
    const kept = addresses("salt", "0x0000000000000000000000000000000000000001");
    expect(addresses("salt", owner).filter((address) => kept.includes(address))).toHaveLength(3);
  });

  test("takes 32 bytes as the salt itself, and other text by its hash", () => {
    const bytes: Hex = `0x${"ab".repeat(32)}`;
    expect(saltOf(bytes)).toBe(bytes);
    expect(saltOf("meridian")).toMatch(/^0x[0-9a-f]{64}$/);
    expect(saltOf("0x1234")).not.toBe("0x1234");
  });

  test("refuses arguments that the constructor does not take", () => {
    const wrong = { ...suite, contracts: [{ ...suite.contracts[0]!, arguments: [1] }] };
    expect(() => planChain("chain138", { owner }, "salt", build, wrong)).toThrow(SuiteError);
  });

  test("refuses a contract that is larger than a chain accepts", () => {
    const huge: Artifact = { ...build.artifacts.WETH9!, runtimeCode: `0x${"00".repeat(24_577)}` };
    const larger: Build = { ...build, artifacts: { ...build.artifacts, WETH9: huge } };
    expect(() => planChain("chain138", { owner }, "salt", larger)).toThrow(ContractTooLargeError);
  });
});
