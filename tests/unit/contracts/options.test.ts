import { policyOf } from "../../../contracts/deploy/policy";
import { OptionError, parseContractOptions, rpcUrlOf } from "../../../contracts/options";
import { suite } from "../../../contracts/suite";

const owner = "0x000000000000000000000000000000000000c0de";
const good = ["--chain", "chain138", "--contract", "WETH9", "--salt", "s", "--owner", owner];
const without = (flag: string): string[] => {
  const at = good.indexOf(flag);
  return at < 0 ? good : good.toSpliced(at, 2);
};
const replaced = (flag: string, value: string): string[] => [...without(flag), flag, value];

test("reads a command line", () => {
  expect(parseContractOptions([...good, "--timeout-seconds", "5"])).toEqual({
    suite,
    chain: "chain138",
    contract: "WETH9",
    salt: "s",
    settings: { owner },
    mode: "batches",
    policy: policyOf(),
    timeoutMs: 5000,
  });
});

test("takes bounds of fees, the patience of a replacement, and the depth that counts", () => {
  const given = ["--max-fee-gwei", "0.5", "--max-priority-fee-gwei", "2", "--replace-after-blocks", "3"];
  expect(parseContractOptions([...good, ...given, "--confirmations", "12"]).policy).toEqual({
    bounds: { maxFeePerGas: 500_000_000n, maxPriorityFeePerGas: 2_000_000_000n },
    replaceAfterBlocks: 3,
    confirmations: 12,
  });
});

test("takes a mode", () => {
  expect(parseContractOptions([...good, "--mode", "dataflow"]).mode).toBe("dataflow");
});

test("reads signers as a list", () => {
  const { settings } = parseContractOptions([...good, "--signers", `${owner},${owner}`, "--threshold", "2"]);
  expect(settings).toEqual({ owner, signers: [owner, owner], threshold: 2 });
});

test.each(["--chain", "--contract", "--salt", "--owner"])("says that %s is missing", (flag) => {
  expect(() => parseContractOptions(without(flag))).toThrow(OptionError);
  expect(() => parseContractOptions(without(flag))).toThrow(`${flag} is missing.`);
});

test.each([
  ["--chain", "chain2", 'There is no chain "chain2".'],
  ["--contract", "Weth", 'chain138 has no contract "Weth".'],
  ["--owner", "0x12", '--owner is "0x12", which is no address.'],
  ["--timeout-seconds", "soon", '--timeout-seconds is "soon".'],
  ["--max-fee-gwei", "0", '--max-fee-gwei is "0".'],
  ["--confirmations", "1.5", '--confirmations is "1.5".'],
  ["--mode", "parallel", '--mode is "parallel".'],
  ["--timeout-seconds", "0", '--timeout-seconds is "0".'],
])("refuses %s %s and names both", (flag, value, message) => {
  expect(() => parseContractOptions(replaced(flag, value))).toThrow(message);
});

test("a contract of another chain is refused", () => {
  expect(() => parseContractOptions([...replaced("--chain", "chain1"), "--contract", "OracleProxy"])).toThrow(
    'chain1 has no contract "OracleProxy".',
  );
});

test("an option that is not known is refused with those that are", () => {
  expect(() => parseContractOptions([...good, "--key", "0x12"])).toThrow("Unknown option '--key'");
});

test("the RPC address comes from the environment", () => {
  expect(rpcUrlOf("chain1", { MERIDIAN_CHAIN1_RPC_URL: "http://node" })).toBe("http://node");
  expect(() => rpcUrlOf("chain138", {})).toThrow("MERIDIAN_CHAIN138_RPC_URL is not set.");
});
