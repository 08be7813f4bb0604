import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { keccak256, type Address } from "viem";
import { parse } from "yaml";
import { planCalls } from "../../../contracts/calls";
import { compileContracts } from "../../../contracts/compile";
import { planChain } from "../../../contracts/plan";
import { suite } from "../../../contracts/suite";
import { SuiteError } from "../../../contracts/suites/errors";
import type { Suite } from "../../../contracts/suites/format";
import { chainNamed, loadSuite } from "../../../contracts/suites/load";
import { parseSuite } from "../../../contracts/suites/parse";
import { parseFleet } from "../../../fleet";
import { projectRoot } from "../../../toolchain/paths";

jest.setTimeout(120_000);

const owner: Address = "0x000000000000000000000000000000000000c0de";
const example = join(projectRoot, "examples", "registry", "suite.yaml");
const text = readFileSync(example, "utf8");

type Loose = Record<string, any>;
type Change = (raw: Loose) => unknown;
/** The example, changed. */
const changed = (change: Change): Loose => {
  const raw = parse(text) as Loose;
  change(raw);
  return raw;
};
const origin = { path: "suite.yaml", folder: join(projectRoot, "examples", "registry") };
const entry = (raw: Loose, list: "contracts" | "calls", name: string): Loose =>
  (raw[list] as Loose[]).find((each) => each.name === name)!;
const planned = (raw: Loose) => {
  const read = parseSuite(raw, origin);
  const settings = { owner, signers: [owner] };
  const plan = planChain(
    "anvil",
    settings,
    "salt",
    compileContracts(() => undefined, read),
    read,
  );
  return { plan, calls: planCalls("anvil", plan, settings, read), suite: read };
};
const messageOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(SuiteError);
    expect((error as SuiteError).exitCode).toBe(2);
    return (error as SuiteError).message;
  }
  throw new Error("was not refused");
};

describe("Meridian's own suite", () => {
  test("is in the format of any other: nine contracts on chain 138, seven on chain 1, no call", () => {
    const on = (chain: string) => suite.contracts.filter(({ chains }) => chains.includes(chain)).length;
    expect([on("chain138"), on("chain1"), suite.calls.length]).toEqual([9, 7, 0]);
    expect(Object.keys(suite.chains)).toEqual(["chain138", "chain1"]);
  });

  test("keeps its addresses: they follow from source, arguments and salt alone", () => {
    const addresses = ["chain138", "chain1"].flatMap((chain) =>
      planChain(
        chain,
        { owner },
        "salt",
        compileContracts(() => undefined),
      ).map(({ name, address }) => `${name} ${address}`),
    );
    // Written down before a suite was data; another value here moves every contract that is deployed.
    expect(keccak256(Buffer.from(addresses.join("\n")))).toBe(
      "0xd766ba072f03e2ddd0c643e2bf8d476841d63012669075bcce67143a89fe4916",
    );
  });
});

describe("a suite of one's own", () => {
  test("is planned with everything linked: library, proxy, adoption, calls in order", () => {
    const { plan, calls } = planned(parse(text) as Loose);
    const by = new Map(plan.map((each) => [each.contract, each]));
    expect(plan.map(({ name, batch }) => `${batch} ${name}`)).toEqual([
      "0 anvil-multicall3",
      "0 anvil-shares",
      "1 anvil-treasury-v1",
      "2 anvil-treasury",
      "1 anvil-registry",
    ]);
    const shares = by.get("Shares")!.address.slice(2).toLowerCase();
    expect(by.get("TreasuryV1")!.initCode).toContain(`73${shares}`);
    expect(by.get("TreasuryV1")!.initCode).not.toContain("__$");
    expect(by.get("Treasury")!.implementation).toBe(by.get("TreasuryV1")!.address);
    expect(by.get("Treasury")!.initCode).toContain(owner.slice(2));
    expect(calls.map(({ name, signature, needs }) => ({ name, signature, needs }))).toEqual([
      {
        name: "anvil-register-treasury",
        signature: "set(string,address)",
        needs: ["anvil-registry", "anvil-treasury"],
      },
      {
        name: "anvil-hand-over",
        signature: "transferOwnership(address)",
        needs: ["anvil-registry", "anvil-treasury", "anvil-register-treasury"],
      },
    ]);
  });

  test("is the same as JSON", () => {
    const folder = mkdtempSync(join(tmpdir(), "meridian-suite-"));
    try {
      const path = join(folder, "suite.json");
      writeFileSync(path, JSON.stringify(parse(text)));
      expect(loadSuite(path)).toEqual({ ...loadSuite(example), path, folder });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("may give each contract its own salt and owner", () => {
    const before = planned(parse(text) as Loose).plan;
    const { plan } = planned(
      changed((raw) => {
        entry(raw, "contracts", "Registry").owner = "0x0000000000000000000000000000000000000001";
        entry(raw, "contracts", "Shares").salt = "its own";
      }),
    );
    const moved = plan
      .filter(({ address }, index) => address !== before[index]!.address)
      .map(({ contract }) => contract);
    expect(moved).toEqual(["Shares", "TreasuryV1", "Treasury", "Registry"]);
  });

  test("a name of a chain that it has not is refused with those that it has", () => {
    expect(messageOf(() => chainNamed("chain138", loadSuite(example)))).toBe(
      '--chain is "chain138", which is no chain of the suite.',
    );
  });

  test("a file that is not there, or is no YAML, is named", () => {
    expect(messageOf(() => loadSuite("no/such.yaml"))).toMatch(/^The suite no\/such.yaml cannot be read \(.*ENOENT/);
  });
});

describe("a mistake in the file is told by contract or call, field, value and what is allowed", () => {
  const cases: [string, Change, string][] = [
    [
      "an unknown field",
      (raw) => (entry(raw, "contracts", "Registry").argments = []),
      'suite.yaml: contracts[4] (Registry).argments is []. There is no such setting. Did you mean "arguments"?',
    ],
    [
      "a name that is no identifier",
      (raw) => (entry(raw, "contracts", "Shares").name = "my shares"),
      'suite.yaml: contracts[1] (my shares).name is "my shares". Allowed: text, letters and digits',
    ],
    [
      "a reference to nothing",
      (raw) => (entry(raw, "contracts", "Registry").arguments[1] = { ref: "Multicall" }),
      'contracts[4] (Registry).arguments[1].ref is "Multicall". The suite has no such contract. Did you mean "Multicall3"?',
    ],
    [
      "a circle",
      (raw) => (entry(raw, "contracts", "Multicall3").after = ["Registry"]),
      "suite.yaml: The contracts need each other in a circle: Multicall3 -> Registry -> Multicall3.",
    ],
    [
      "a circle of calls",
      (raw) => (entry(raw, "calls", "register-treasury").after = ["hand-over"]),
      "suite.yaml: The contracts need each other in a circle: register-treasury -> hand-over -> register-treasury.",
    ],
    [
      "a name twice",
      (raw) => (entry(raw, "contracts", "Registry").name = "Shares"),
      'contracts[4].name is "Shares". It is taken by contracts[1].name. Allowed: each name once.',
    ],
    [
      "a slug twice",
      (raw) => (entry(raw, "calls", "hand-over").name = "registry"),
      'calls[1].name is "registry". It is taken by contracts[4] (Registry).slug.',
    ],
    [
      "a reserved slug",
      (raw) => (entry(raw, "contracts", "Registry").slug = "ready"),
      'contracts[4] (Registry).slug is "ready". Each chain has a resource of that name itself.',
    ],
    [
      "the slug of a verification",
      (raw) => (entry(raw, "contracts", "Registry").slug = "shares-verify"),
      'contracts[4] (Registry).slug is "shares-verify". So is the verification of Shares named.',
    ],
    [
      "an unknown chain",
      (raw) => (entry(raw, "contracts", "Registry").chains = ["goerli"]),
      'contracts[4] (Registry).chains is "goerli". The suite has no such chain. Allowed: anvil, mainnet.',
    ],
    ["a chain of a region's name", (raw) => (raw.chains = { japaneast: { chainId: 1 } }), "chains.japaneast is {"],
    [
      "a bad chain id",
      (raw) => (raw.chains = { anvil: { chainId: "31337" } }),
      'chains.anvil.chainId is "31337". Allowed: a whole number from 1 to',
    ],
    [
      "an RPC address with a password, which is not shown",
      (raw) => (raw.chains = { anvil: { chainId: 1, rpcUrl: "https://me:secret@node" } }),
      "chains.anvil.rpcUrl is text that is not shown. Allowed: text, an http(s) URL",
    ],
    [
      "a setting that is none",
      (raw) => (entry(raw, "contracts", "Registry").arguments[0] = { setting: "admin" }),
      'contracts[4] (Registry).arguments[0].setting is "admin". Allowed: owner, signers, threshold.',
    ],
    [
      "values for another chain only",
      (raw) => {
        entry(raw, "contracts", "Registry").arguments[0] = { perChain: { mainnet: owner } };
      },
      'contracts[4] (Registry).arguments[0].perChain is ["mainnet"]. It lacks anvil. Allowed: a value for each chain.',
    ],
    [
      "a contract that is not on the chain of who needs it",
      (raw) => {
        entry(raw, "contracts", "Multicall3").chains = ["anvil"];
      },
      'contracts[4] (Registry).arguments[1].ref is "Multicall3". It is not on mainnet.',
    ],
    [
      "neither source nor hash",
      (raw) => delete entry(raw, "contracts", "Multicall3").source,
      "contracts[0] (Multicall3).source is missing. On anvil there is nothing to deploy or compare.",
    ],
    [
      "an address with a wrong checksum",
      (raw) =>
        (entry(raw, "contracts", "Multicall3").adopt.mainnet.address = "0xCA11bde05977b3631167028862bE2a173976CA11"),
      "contracts[0] (Multicall3).adopt.mainnet.address is",
    ],
    [
      "a call without a read",
      (raw) => (entry(raw, "calls", "hand-over").doneWhen = []),
      "calls[1] (hand-over).doneWhen is []. Allowed: one read or more; without one nobody could tell",
    ],
    [
      "a call of nothing",
      (raw) => (entry(raw, "calls", "hand-over").contract = "Registri"),
      'calls[1] (hand-over).contract is "Registri". The suite has no such contract. Did you mean "Registry"?',
    ],
  ];

  test.each(cases)("%s", (_, change, message) => {
    expect(messageOf(() => parseSuite(changed(change), origin))).toContain(message);
  });

  const againstAbi: [string, Change, string][] = [
    [
      "too few arguments",
      (raw) => (entry(raw, "contracts", "Registry").arguments = [{ setting: "owner" }]),
      'contracts[4] (Registry).arguments is [{"setting":"owner"}]. It must have 2 values (address owner, address multicall_), not 1.',
    ],
    [
      "an argument of another type",
      (raw) => (entry(raw, "contracts", "Registry").arguments[1] = 12),
      "contracts[4] (Registry).arguments[1] is 12. It must be an address, not 12.",
    ],
    [
      "an encoded call that its own types do not take",
      (raw) => (entry(raw, "contracts", "Treasury").arguments[1].calldata.arguments = [{ setting: "owner" }]),
      "contracts[3] (Treasury).arguments[0] is",
    ],
    [
      "a function that the contract has not",
      (raw) => (entry(raw, "calls", "hand-over").function = "giveOwnership(address)"),
      'calls[1] (hand-over).function is "giveOwnership(address)". The contract has no such function. Allowed: entries(string)',
    ],
    [
      "an argument of a call",
      (raw) => (entry(raw, "calls", "hand-over").arguments = ["me"]),
      'calls[1] (hand-over).arguments[0] is "me". It must be an address, not "me".',
    ],
    [
      "a read that gives something else",
      (raw) => (entry(raw, "calls", "hand-over").doneWhen[0].gives = true),
      "calls[1] (hand-over).doneWhen[0].gives is true. It must be an address, not true.",
    ],
    [
      "a library that is not in the suite",
      (raw) => (raw.contracts = (raw.contracts as Loose[]).filter(({ name }) => name !== "Shares")),
      "contracts[1] (TreasuryV1).libraries is {}. Its code needs the library Shares (src/Shares.sol).",
    ],
    [
      "a circle through a library",
      (raw) => (entry(raw, "contracts", "Shares").after = ["Treasury"]),
      "suite.yaml: The contracts need each other in a circle: Shares -> Treasury -> TreasuryV1 -> Shares.",
    ],
    [
      "a library that the code does not need",
      (raw) => (entry(raw, "contracts", "Registry").libraries = { Shares: "Shares" }),
      'contracts[4] (Registry).libraries.Shares is "Shares". Its code needs no such library. Allowed: none.',
    ],
  ];
  test.each(againstAbi)("%s, against the compiled code", (_, change, message) => {
    expect(messageOf(() => planned(changed(change)))).toContain(message);
  });

  test("whatever the file holds, it is a suite or a SuiteError", () => {
    const key = fc.constantFrom(
      "chains",
      "contracts",
      "calls",
      "name",
      "source",
      "arguments",
      "adopt",
      "doneWhen",
      "x",
    );
    const json = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: "small" },
        fc.constantFrom<unknown>(
          "Registry",
          "anvil",
          1,
          1.5,
          null,
          true,
          [],
          {},
          { ref: "Registry" },
          { perChain: 1 },
          { calldata: {} },
        ),
        fc.array(tie("value"), { maxLength: 3 }),
        fc.dictionary(key, tie("value"), { maxKeys: 4 }),
      ),
    })).value;
    const places = [
      "chains",
      "contracts",
      "calls",
      "contracts.4",
      "contracts.4.arguments",
      "contracts.0.adopt",
      "calls.0",
      "calls.0.doneWhen.0.gives",
      "",
    ];
    fc.assert(
      fc.property(fc.constantFrom(...places), json, (place, value) => {
        const raw = changed(() => undefined);
        const steps = place.split(".");
        const holder = steps.slice(0, -1).reduce<Loose>((at, step) => at[step] as Loose, raw);
        if (place !== "") holder[steps.at(-1)!] = value;
        let read: Suite | undefined;
        try {
          read = parseSuite(place === "" ? value : raw, origin);
        } catch (error) {
          expect(error).toBeInstanceOf(SuiteError);
          expect((error as SuiteError).message.startsWith("suite.yaml: ")).toBe(true);
        }
        if (read !== undefined) expect(read.contracts.length).toBeGreaterThan(0);
      }),
      { numRuns: 300 },
    );
  });
});

test("the documentation shows the example as it is", () => {
  const page = readFileSync(join(projectRoot, "docs", "contracts.md"), "utf8");
  expect(page).toContain(`\`\`\`yaml\n${text}\`\`\``);
});

test("the chains that the configuration knows without a suite are those of Meridian's own", () => {
  const contracts = {
    salt: "s",
    owner,
    chains: Object.fromEntries(Object.keys(suite.chains).map((name) => [name, {}])),
  };
  const regions = ["japaneast", "westeurope", "eastus", "brazilsouth"].map((name) => ({ name, validators: 1 }));
  expect(Object.keys(parseFleet({ regions, contracts }).contracts.chains)).toEqual(Object.keys(suite.chains));
  const other = { ...contracts, chains: { other: {} } };
  expect(() => parseFleet({ regions, contracts: other })).toThrow("Allowed: chain138, chain1.");
  expect(parseFleet({ regions, contracts: { ...other, suite: "my.yaml" } }).contracts.suite).toBe("my.yaml");
});
