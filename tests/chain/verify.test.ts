import { size, slice, concat, type Hex } from "viem";
import { connect } from "../../contracts/client";
import { compileContracts } from "../../contracts/compile";
import { Journal } from "../../contracts/deploy/journal";
import { planChain, type PlannedContract } from "../../contracts/plan";
import { verifyContract, type Verdict, type VerifyResult } from "../../contracts/verify/verify";
import type { Chain } from "../../rehearsal/chains";
import { owner, rpc, startChain138, withChain, withFolder } from "./support/chains";
import { deployAll, verifyOne } from "./support/programs";

jest.setTimeout(120_000);

const plan = (): PlannedContract[] =>
  planChain(
    "chain138",
    { owner },
    "test",
    compileContracts(() => undefined),
  );
const named = (name: string): PlannedContract => plan().find(({ contract }) => contract === name)!;
const flip = (code: Hex, at: number): Hex => {
  const byte = Number(slice(code, at, at + 1)) ^ 1;
  return concat([slice(code, 0, at), `0x${byte.toString(16).padStart(2, "0")}`, slice(code, at + 1)]);
};

/** A change of a deployed contract that somebody with power over the node could make. */
interface Tamper {
  readonly what: string;
  readonly contract: PlannedContract;
  /** The byte that is changed. */
  readonly at: (code: Hex) => number;
  readonly verdict: Verdict;
  readonly reason: RegExp;
}

const tampers: Tamper[] = [
  {
    what: "a code byte",
    contract: named("OracleProxy"),
    at: () => 400,
    verdict: "mismatch",
    reason: /^byte 400 of the code is 0x.., the source gives 0x..$/,
  },
  {
    what: "an immutable",
    contract: named("CCIPRouter"),
    // The last byte of the chain selector, a uint64 in a word of 32 bytes.
    at: () => named("CCIPRouter").artifact.immutables[0]!.start + 31,
    verdict: "mismatch",
    reason: /^the immutable at byte \d+ is 0x0+8b, the constructor gives 0x0+8a$/,
  },
  {
    what: "the metadata hash",
    contract: named("WETH9"),
    // The CBOR part ends with two bytes of length; the IPFS hash stands before the compiler's version in it.
    at: (code) => size(code) - 30,
    verdict: "partial",
    reason: /^only the metadata hash differs/,
  },
];

const verifyAll = (chain: Chain, folder: string): Promise<VerifyResult[]> => {
  const request = {
    client: connect(chain.rpcUrl),
    journal: new Journal(folder, "chain138"),
    progress: () => undefined,
  };
  return Promise.all(plan().map((planned) => verifyContract({ ...request, planned })));
};

/** Makes one change after the other, each undone again, and gives what a verifier says of all nine each time. */
async function underTampering(chain: Chain, folder: string): Promise<VerifyResult[][]> {
  const said: VerifyResult[][] = [];
  for (const { contract, at } of tampers) {
    const code = await rpc<Hex>(chain, "eth_getCode", contract.address, "latest");
    await rpc(chain, "anvil_setCode", contract.address, flip(code, at(code)));
    said.push(await verifyAll(chain, folder));
    await rpc(chain, "anvil_setCode", contract.address, code);
  }
  return said;
}

describe("verification of nine contracts", () => {
  let folder: string;
  let chain: Chain;
  let results: VerifyResult[][];
  let untouched: VerifyResult[];
  let finish: () => void;
  let finished: Promise<void>;

  beforeAll(async () => {
    compileContracts(() => undefined);
    const done = new Promise<void>((resolve) => (finish = resolve));
    await new Promise<void>((ready, failed) => {
      finished = withFolder((journal) =>
        withChain(startChain138(), async (started) => {
          [folder, chain] = [journal, started];
          await deployAll({ chain, journal });
          untouched = await verifyAll(chain, journal);
          results = await underTampering(chain, journal);
          ready();
          await done;
        }),
      );
      finished.catch(failed);
    });
  }, 120_000);
  afterAll(async () => {
    finish();
    await finished;
  });

  test("all nine are perfect in runtime, creation by transaction, and immutables", () => {
    expect(untouched).toHaveLength(9);
    for (const result of untouched) {
      expect(result).toMatchObject({
        verdict: "perfect",
        reason: null,
        runtime: "perfect",
        creation: "perfect",
        creationEvidence: "transaction",
        immutables: "match",
      });
    }
  });

  test.each(tampers.map((tamper, index) => [tamper.what, tamper, index] as const))(
    "%s fails exactly its contract, by name, with its verdict",
    (_, { contract, verdict, reason }, index) => {
      const failing = results[index]!.filter((result) => result.verdict !== "perfect");
      expect(failing.map(({ name }) => name)).toEqual([contract.name]);
      expect(failing[0]).toMatchObject({ verdict, reason: expect.stringMatching(reason) as string });
    },
  );

  const expected = tampers.map(({ contract, verdict }) => [[contract.name, verdict]]);
  const verdictsBy = (judge: (result: VerifyResult) => Verdict): [string, Verdict][][] =>
    results.map((all) =>
      all
        .map((result): [string, Verdict] => [result.name, judge(result)])
        .filter(([, verdict]) => verdict !== "perfect"),
    );

  test("the tampers tell a verifier that takes immutables from the chain, as lib-sourcify alone does", () => {
    expect(verdictsBy(({ verdict }) => verdict)).toEqual(expected);
    expect(verdictsBy(({ runtime }) => runtime)).not.toEqual(expected);
  });

  test("the tampers tell a verifier that looks at the creation code only", () => {
    expect(verdictsBy(({ creation }) => creation)).not.toEqual(expected);
  });

  test("the tampers tell a verifier that does not care for the metadata", () => {
    expect(verdictsBy(({ verdict }) => (verdict === "partial" ? "perfect" : verdict))).not.toEqual(expected);
  });

  test("without the journal the creation code is proved by the CREATE2 address", async () => {
    await withFolder(async (empty) => {
      const [first] = await verifyAll(chain, empty);
      expect(first).toMatchObject({ verdict: "perfect", creation: "perfect", creationEvidence: "address" });
    });
  });

  test("the program ends with 0 for a perfect contract, and says it in one line of JSON", async () => {
    const run = await verifyOne("WETH10", { chain, journal: folder });
    expect(run.code).toBe(0);
    expect(run.stdout.trimEnd().split("\n")).toHaveLength(1);
    expect(run.result).toMatchObject({ name: "chain138-weth10", verdict: "perfect" });
  });

  test.each(tampers.map((tamper) => [tamper.what, tamper] as const))(
    "the program ends with 1 after a change of %s",
    async (_, { contract, at, verdict }) => {
      const code = await rpc<Hex>(chain, "eth_getCode", contract.address, "latest");
      await rpc(chain, "anvil_setCode", contract.address, flip(code, at(code)));
      const run = await verifyOne(contract.contract, { chain, journal: folder });
      await rpc(chain, "anvil_setCode", contract.address, code);
      expect(run.code).toBe(1);
      expect(run.result).toMatchObject({ name: contract.name, verdict });
      expect(run.stderr).toContain(`${contract.name}-verify: ${verdict}: `);
    },
  );

  test("a contract that is not there is a mismatch", async () => {
    const run = await verifyOne("WETH9", { chain, journal: folder, salt: "another" });
    expect(run.code).toBe(1);
    expect(run.result).toMatchObject({ verdict: "mismatch", reason: "there is no code at its address" });
  });
});
