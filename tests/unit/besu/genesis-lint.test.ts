import { toRlp } from "viem";

import { CREATE2_FACTORY_ADDRESS, createGenesis, InvalidGenesisError } from "../../../besu/genesis";
import { lintGenesis, requireCleanGenesis } from "../../../besu/genesis-lint";
import { MeridianError } from "../../../errors";
import extraDataVectors from "./vectors/besu_extra_data.json";
import genesisVectors from "./vectors/besu_genesis.json";

const addresses = extraDataVectors.vectors[1]!.sortedAddresses as `0x${string}`[];
const vanity = `0x${"00".repeat(32)}` as const;

/** A good genesis as plain JSON, changed by the test. */
function changed(change: (genesis: any) => void): unknown {
  const genesis: unknown = JSON.parse(
    JSON.stringify(createGenesis({ chainId: 138, validators: addresses, blockPeriodSeconds: 2 })),
  );
  change(genesis);
  return genesis;
}
const withoutKey = (value: unknown, key: string) =>
  Object.fromEntries(Object.entries(value as object).filter(([name]) => name !== key.toLowerCase()));
const paths = (genesis: unknown) => lintGenesis(genesis).map(({ path }) => path);

describe("lintGenesis", () => {
  it.each(genesisVectors.vectors.map((v) => [v.n, v.genesis] as const))(
    "finds nothing in what Besu runs with %i validators",
    (_, genesis) => expect(lintGenesis(genesis)).toEqual([]),
  );

  it.each([1, 4, 5, 7, 10, 48])("finds nothing in Meridian's own genesis of %i validators", (n) => {
    const { sortedAddresses } = extraDataVectors.vectors.find((vector) => vector.n === n)!;
    const validators = sortedAddresses as `0x${string}`[];

    expect(lintGenesis(createGenesis({ chainId: 138, validators, blockPeriodSeconds: 2 }))).toEqual([]);
  });

  describe("finds what Besu silently accepts:", () => {
    it("a misspelt fork name, with the right one", () => {
      const genesis = changed(({ config }) => {
        delete config.cancunTime;
        config.cancunTme = 0;
      });

      expect(lintGenesis(genesis)).toEqual([
        {
          path: "config.cancunTme",
          message: 'Besu does not know it, or Meridian does not set it. Did you mean "cancunTime"?',
        },
        {
          path: "config.cancunTime",
          message: "It is missing although osakaTime is there; name every fork.",
        },
      ]);
    });

    it.each<[string, (genesis: any) => void, string]>([
      ["no chainId", (g) => delete g.config.chainId, "config.chainId"],
      ["no mixHash", (g) => delete g.mixHash, "mixHash"],
      ["another mixHash", (g) => (g.mixHash = vanity), "mixHash"],
      ["a late fork without the earlier ones", (g) => delete g.config.shanghaiTime, "config.shanghaiTime"],
      ["forks that end early", (g) => delete g.config.osakaTime, "config.osakaTime"],
      [
        "requesttimeoutseconds 0",
        (g) => (g.config.qbft.requesttimeoutseconds = 0),
        "config.qbft.requesttimeoutseconds",
      ],
      [
        "a request timeout within the block period",
        (g) => (g.config.qbft.requesttimeoutseconds = 2),
        "config.qbft.requesttimeoutseconds",
      ],
      ["a misspelt QBFT setting", (g) => (g.config.qbft.blockperiod = 2), "config.qbft.blockperiod"],
      ["a misspelt header field", (g) => (g.gaslimit = "0x1"), "gaslimit"],
      [
        "an empty block period below the block period",
        (g) => (g.config.qbft.emptyblockperiodseconds = 1),
        "config.qbft.emptyblockperiodseconds",
      ],
      [
        "a vanity of 31 bytes",
        (g) => (g.extraData = toRlp([`0x${"00".repeat(31)}`, addresses, [], "0x", []])),
        "extraData",
      ],
      [
        "validators that are not sorted",
        (g) => (g.extraData = toRlp([vanity, [...addresses].reverse(), [], "0x", []])),
        "extraData",
      ],
      [
        "a validator named twice",
        (g) => (g.extraData = toRlp([vanity, [addresses[0]!, ...addresses], [], "0x", []])),
        "extraData",
      ],
      ["no validators", (g) => (g.extraData = toRlp([vanity, [], [], "0x", []])), "extraData"],
      ["a validator's account that is missing", (g) => (g.alloc = withoutKey(g.alloc, addresses[0]!)), "alloc"],
      ["a validator's account without its 1 wei", (g) => (g.alloc[addresses[0]!].balance = "0x0"), "alloc"],
      ["a base fee", (g) => delete g.config.zeroBaseFee, "config.zeroBaseFee"],
      ["an unbounded gas limit", (g) => (g.gasLimit = "0x1fffffffffffff"), "gasLimit"],
      ["no CREATE2 factory", (g) => (g.alloc = withoutKey(g.alloc, CREATE2_FACTORY_ADDRESS)), "alloc"],
    ])("%s", (_, change, path) => {
      expect(paths(changed(change))).toEqual([path]);
    });
  });

  describe("finds what Besu refuses:", () => {
    it.each<[string, (genesis: any) => void, string]>([
      ["no extraData", (g) => delete g.extraData, "extraData"],
      ["an extraData that is no RLP", (g) => (g.extraData = "0xf83a"), "extraData"],
      ["no difficulty", (g) => delete g.difficulty, "difficulty"],
      ["no gasLimit", (g) => delete g.gasLimit, "gasLimit"],
      ["forks out of order", (g) => (g.config.shanghaiTime = 5), "config.cancunTime"],
      ["a fork that is no number", (g) => (g.config.londonBlock = "0"), "config.londonBlock"],
      ["blockperiodseconds 0", (g) => (g.config.qbft.blockperiodseconds = 0), "config.qbft.blockperiodseconds"],
      ["epochlength 0", (g) => (g.config.qbft.epochlength = 0), "config.qbft.epochlength"],
      ["no qbft section", (g) => delete g.config.qbft, "config.qbft"],
    ])("%s", (_, change, path) => {
      expect(paths(changed(change))).toEqual([path]);
    });
  });

  it.each([[null], [undefined], ["{}"], [[]], [{}], [{ config: null, alloc: 3 }]])("survives %j", (genesis) => {
    expect(lintGenesis(genesis).length).toBeGreaterThan(5);
  });
});

describe("requireCleanGenesis", () => {
  it("throws one error that names every finding", () => {
    const genesis = changed((g) => {
      delete g.config.chainId;
      delete g.mixHash;
    });

    expect(() => requireCleanGenesis(changed(() => undefined))).not.toThrow();
    expect(() => requireCleanGenesis(genesis)).toThrow(new InvalidGenesisError("The genesis is refused: 2 findings."));
    expect(hintOf(() => requireCleanGenesis(genesis))).toMatch(/config\.chainId: .*\n.*mixHash: /);
  });
});

/** The hint of the error that `work` ends with. */
function hintOf(work: () => void): string | undefined {
  try {
    work();
  } catch (error) {
    if (error instanceof MeridianError) return error.hint;
    throw error;
  }
  return undefined;
}
