import { InvalidValidatorSetError } from "../../../besu/extra-data";
import { createGenesis, InvalidGenesisError } from "../../../besu/genesis";
import { genesisHash } from "../../../besu/genesis-hash";
import { messageLimits } from "../../../besu/message-limits";
import extraDataVectors from "./vectors/besu_extra_data.json";
import genesisVectors from "./vectors/besu_genesis.json";

const addressesOf = (n: number) =>
  extraDataVectors.vectors.find((vector) => vector.n === n)!.validators.map((v) => v.address as `0x${string}`);
const options = { chainId: 138, validators: addressesOf(4), blockPeriodSeconds: 2, requestTimeoutSeconds: 4 };

describe("createGenesis", () => {
  it.each(genesisVectors.vectors.map((v) => [v.n, v] as const))(
    "makes the genesis of %i validators that Besu accepted, with the hash that the node computed",
    (n, vector) => {
      const genesis = createGenesis({ ...options, validators: addressesOf(n) });
      const { config } = vector.genesis;
      const qbft = { ...config.qbft, ...messageLimits(n) };

      expect(genesis).toEqual({ ...vector.genesis, config: { ...config, qbft } });
      expect(genesisHash(genesis)).toBe(vector.genesisHash);
    },
  );

  it("is the same for the same validators in another order and case", () => {
    const reversed = addressesOf(4)
      .reverse()
      .map((address) => address.toUpperCase().replace("0X", "0x") as `0x${string}`);

    expect(JSON.stringify(createGenesis({ ...options, validators: reversed }))).toBe(
      JSON.stringify(createGenesis(options)),
    );
  });

  it("gives every validator's account 1 wei, so that transactions can run in parallel", () => {
    const { alloc } = createGenesis(options);

    for (const validator of options.validators) expect(alloc[validator]).toEqual({ balance: "0x1" });
  });

  it.each([
    [{ chainId: 0 }, "chainId is 0. Give a whole number of at least 1."],
    [{ blockPeriodSeconds: 0 }, "blockPeriodSeconds is 0. Give a whole number of at least 1."],
    [{ blockPeriodSeconds: 1.5 }, "blockPeriodSeconds is 1.5. Give a whole number of at least 1."],
    [{ requestTimeoutSeconds: 0 }, "requestTimeoutSeconds is 0. Give a whole number of at least 3."],
    [{ requestTimeoutSeconds: 2 }, "requestTimeoutSeconds is 2. Give a whole number of at least 3."],
    [{ epochLength: 0 }, "epochLength is 0. Give a whole number of at least 1."],
  ])("refuses %j, which Besu refuses or runs badly", (change, message) => {
    expect(() => createGenesis({ ...options, ...change })).toThrow(new InvalidGenesisError(message));
  });

  it("refuses an empty validator set and a validator named twice", () => {
    const [first] = options.validators;

    expect(() => createGenesis({ ...options, validators: [] })).toThrow(InvalidValidatorSetError);
    expect(() => createGenesis({ ...options, validators: [first!, first!] })).toThrow(/named twice/);
  });
});
