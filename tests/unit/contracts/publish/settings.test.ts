import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { compileContracts } from "../../../../contracts/compile";
import { systemClock } from "../../../../contracts/publish/clock";
import { apiKeyOf } from "../../../../contracts/publish/keys";
import { licenseNumber } from "../../../../contracts/publish/licenses";
import { mapInOrder } from "../../../../contracts/publish/pool";
import { selectContracts } from "../../../../contracts/publish/select";
import { openServices } from "../../../../contracts/publish/services";
import { linkedInput, submissionOf } from "../../../../contracts/publish/submission";
import { targetsOf, type PublishFlags, type PublishSettings } from "../../../../contracts/publish/targets";
import { planChain } from "../../../../contracts/plan";
import { standardInput } from "../../../../contracts/sources";
import { suite } from "../../../../contracts/suite";
import { withFolder } from "../batch/support/run";
import { key } from "./support/submission";

const both: readonly string[] = ["chain138", "chain1"];
const flags = (given: Partial<PublishFlags> = {}): PublishFlags => ({ urls: {}, ...given });
const asked = (settings: PublishSettings, given: Partial<PublishFlags> = {}, chains = both): string[] =>
  targetsOf(chains, settings, flags(given)).map(({ chain, service, url }) => `${chain} ${service} ${url}`);

describe("which services", () => {
  test("none, unless somebody says so", () => expect(asked({})).toEqual([]));

  test("named ones have their public addresses for mainnet, and the private chain is left out", () => {
    expect(asked({}, { services: ["etherscan", "sourcify", "blockscout"] })).toEqual([
      "chain1 sourcify https://sourcify.dev/server",
      "chain1 blockscout https://eth.blockscout.com",
      "chain1 etherscan https://api.etherscan.io",
    ]);
  });

  test("the configuration's, with addresses of one's own", () => {
    const settings = { chain138: { blockscout: "http://explorer" }, chain1: { sourcify: "public" } };
    expect(asked(settings)).toEqual([
      "chain138 blockscout http://explorer",
      "chain1 sourcify https://sourcify.dev/server",
    ]);
    expect(asked(settings, { urls: { blockscout: "http://other" } }, ["chain138"])).toEqual([
      "chain138 blockscout http://other",
    ]);
  });

  test.each<[string, () => unknown, RegExp]>([
    ["a public service for the private chain", () => asked({}, { services: ["sourcify"] }, ["chain138"]), /private/],
    ["`public` for it in the configuration", () => asked({ chain138: { sourcify: "public" } }), /private chain/],
    ["one Blockscout for two chains", () => asked({}, { urls: { blockscout: "http://x" } }), /of one chain/],
    ["no address", () => asked({ chain1: { sourcify: "sourcify" } }), /is no http\(s\) address/],
    ["an address with a password", () => asked({ chain1: { sourcify: "https://a:b@c" } }), /without user and password/],
  ])("%s is refused", (_, work, words) => expect(work).toThrow(words));
});

describe("API keys", () => {
  const variable = "MERIDIAN_ETHERSCAN_API_KEY";
  const file = (mode: number, text: string, work: (path: string) => void) =>
    withFolder((folder) => {
      const path = join(folder, "api.key");
      writeFileSync(path, text);
      chmodSync(path, mode);
      work(path);
      return Promise.resolve();
    });

  test("come from the environment, or from a file of mode 600 before it", async () => {
    expect(apiKeyOf("etherscan", {})).toBeUndefined();
    expect(apiKeyOf("etherscan", { [variable]: " abc\n" })).toBe("abc");
    await file(0o600, "def\n", (path) =>
      expect(apiKeyOf("etherscan", { [variable]: "abc", [`${variable}_FILE`]: path })).toBe("def"),
    );
  });

  test("a file that others can read, a missing one, and nonsense are refused without showing the key", async () => {
    await file(0o644, key, (path) => {
      const read = () => apiKeyOf("etherscan", { [`${variable}_FILE`]: path });
      expect(read).toThrow(/has mode 644: other accounts can use it/);
      expect(read).not.toThrow(key);
    });
    expect(() => apiKeyOf("etherscan", { [`${variable}_FILE`]: "/nonexistent" })).toThrow(/cannot be read/);
    expect(() => apiKeyOf("etherscan", { [variable]: "two words" })).toThrow(/not one word/);
  });

  const open = (service: "etherscan" | "blockscout", url: string, environment: NodeJS.ProcessEnv) =>
    openServices([{ chain: "chain1", service, url }], { clock: systemClock, environment });

  test("etherscan wants one, and it never travels in the clear", () => {
    expect(() => open("etherscan", "https://e", {})).toThrow(/wants an API key/);
    expect(() => open("etherscan", "http://e", { [variable]: "k" })).toThrow(/unencrypted/);
    expect(open("etherscan", "http://127.0.0.1:1", { [variable]: "k" })).toHaveLength(1);
    expect(open("blockscout", "http://e", {})).toHaveLength(1);
  });
});

const owner = "0x000000000000000000000000000000000000c0de";
const plan = planChain(
  "chain138",
  { owner },
  "test",
  compileContracts(() => undefined),
);

describe("which contracts", () => {
  const names = (given: readonly string[]): string[] => selectContracts(plan, given, suite).map(({ name }) => name);

  test("all, or those named in any of three ways, in the suite's order", () => {
    expect(names([])).toHaveLength(9);
    expect(names(["chain138-weth10", "weth9", "CCIPRouter", "weth9"])).toEqual([
      "chain138-weth9",
      "chain138-weth10",
      "chain138-ccip-router",
    ]);
  });

  test("a name that is none gets the nearest", () => {
    expect(() => names(["WETH8"])).toThrow('There is no contract "WETH8".');
    try {
      names(["Multical3"]);
    } catch (error) {
      expect((error as { hint: string }).hint).toMatch(/^Did you mean multicall3|^Did you mean Multicall3/);
    }
    const chain1 = plan.filter(({ contract }) => contract !== "OracleProxy").map((each) => ({ ...each }));
    expect(() => selectContracts(chain1, ["OracleProxy"], suite)).toThrow(/OracleProxy is not deployed to chain138/);
  });
});

test("a submission is the compilation that was deployed: name, version, licence and constructor arguments", () => {
  const planned = plan.find(({ contract }) => contract === "CCIPRouter")!;
  const { source } = planned.artifact;
  const metadata = {
    compiler: { version: "0.8.30+commit.73712a01" },
    sources: { [source]: { license: "Apache-2.0" } },
  };
  const made = submissionOf(planned, metadata, standardInput(suite));
  expect(made).toMatchObject({
    identifier: "contracts/src/CCIPRouter.sol:CCIPRouter",
    compilerVersion: "0.8.30+commit.73712a01",
    licenseType: 12,
    chainId: 138,
  });
  expect(made.input).toEqual(standardInput(suite));
  expect(`${planned.artifact.creationCode}${made.constructorArguments}`).toBe(planned.initCode);
  expect(made.constructorArguments).toMatch(/^([0-9a-f]{64})+$/);
  expect(made.constructorArguments).toContain(owner.slice(2));
});

test("a linked contract goes by its name in the source, with the addresses of its libraries", () => {
  const any = plan.find(({ contract }) => contract === "CCIPRouter")!;
  const library = "0x00000000000000000000000000000000000000bB";
  const references = [0, 40].map((start) => ({ start, length: 20, source: "src/Shares.sol", library: "Shares" }));
  const artifact = { ...any.artifact, name: "Treasury", source: "src/Treasury.sol", links: references };
  const links = references.map(({ start, length }) => ({ start, length, address: library }) as const);
  const metadata = { compiler: { version: "0.8.30+commit.73712a01" }, sources: {} };
  const made = submissionOf({ ...any, artifact, links }, metadata, standardInput(suite));
  expect(made.identifier).toBe("src/Treasury.sol:Treasury");
  expect(linkedInput(made)).toEqual({
    ...made.input,
    settings: { ...made.input.settings, libraries: { "src/Shares.sol": { Shares: library } } },
  });
  expect(linkedInput({ ...made, libraries: {} })).toBe(made.input);
});

test.each([
  ["MIT", 3],
  ["Apache-2.0", 12],
  ["GPL-3.0-or-later", 5],
  ["AGPL-3.0-only", 13],
  ["UNLICENSED", 1],
  ["Something else", 1],
  [undefined, 1],
])("the licence %s is number %d", (spdx, number) => expect(licenseNumber(spdx)).toBe(number));

test("a pool never works on more items than it may, and gives results in their order", async () => {
  let [busy, most] = [0, 0];
  const items = Array.from({ length: 30 }, (_, n) => n);
  const results = await mapInOrder(items, 4, async (n) => {
    most = Math.max(most, ++busy);
    for (let turn = 0; turn < (n * 7) % 5; turn++) await Promise.resolve();
    busy--;
    return n;
  });
  expect(results).toEqual(items);
  expect(most).toBe(4);
});
