import { createGenesis, type GenesisOptions } from "../../../besu/genesis";
import { compareWithFrozen, frozenGenesis, recordGenesis } from "../../../besu/genesis-freeze";
import { genesisHash } from "../../../besu/genesis-hash";
import extraDataVectors from "./vectors/besu_extra_data.json";
import genesisVectors from "./vectors/besu_genesis.json";

const all = extraDataVectors.vectors.at(-1)!.sortedAddresses as `0x${string}`[];
const initial = genesisVectors.vectors[0]!.genesis.alloc;
const four = Object.keys(initial).slice(0, 4) as `0x${string}`[];
const late = all.find((address) => !four.includes(address))!;
const options: GenesisOptions = { chainId: 138, validators: four, blockPeriodSeconds: 2, requestTimeoutSeconds: 4 };
const record = recordGenesis(createGenesis(options), four);

describe("recordGenesis", () => {
  it("records the hash that the node computed, and the validators ascending", () => {
    expect(recordGenesis(createGenesis(options), [...four].reverse())).toEqual({
      validators: [...four].sort(),
      genesisHash: genesisVectors.vectors[0]!.genesisHash,
      chainId: 138,
      blockPeriodSeconds: 2,
      requestTimeoutSeconds: 4,
      epochLength: 30_000,
    });
  });

  it("survives the way through JSON, as a stack keeps it", () => {
    expect(JSON.parse(JSON.stringify(record))).toEqual(record);
  });
});

describe("compareWithFrozen", () => {
  it("is the same for the same validators in any order and case", () => {
    const shouted = [...four].reverse().map((address) => `0x${address.slice(2).toUpperCase()}` as const);

    expect(compareWithFrozen(record, { ...options, validators: shouted })).toEqual({ kind: "same" });
  });

  it("lets a validator join by vote, and leaves the genesis alone", () => {
    const wanted = { ...options, validators: [...four, late] };

    expect(compareWithFrozen(record, wanted)).toEqual({
      kind: "votes",
      joining: [late],
      leaving: [],
      steps: [
        expect.stringContaining("admin_addPeer"),
        expect.stringContaining("1 wei"),
        expect.stringContaining(`qbft_proposeValidatorVote("${late}", true)`),
      ],
    });
    expect(genesisHash(frozenGenesis(record, wanted))).toBe(record.genesisHash);
    expect(genesisHash(createGenesis(wanted))).not.toBe(record.genesisHash);
  });

  it("lets a validator leave by vote while a quorum stays", () => {
    expect(compareWithFrozen(record, { ...options, validators: four.slice(1) })).toMatchObject({
      kind: "votes",
      joining: [],
      leaving: [four[0]],
      steps: [
        expect.stringMatching(
          `false\\), before it is stopped: npx meridian validators dismiss ${four[0] ?? "nobody"}$`,
        ),
      ],
    });
  });

  it("refuses when fewer than the quorum would be left, however many join", () => {
    const newcomers = all.filter((address) => !four.includes(address)).slice(0, 8);

    expect(compareWithFrozen(record, { ...options, validators: [...four.slice(2), ...newcomers] })).toEqual({
      kind: "refused",
      reasons: [expect.stringMatching(/^2 of the 4 initial .* 2 are less than the quorum of 3: the chain would halt/)],
    });
  });

  it.each<[string, Partial<GenesisOptions>, RegExp]>([
    ["the chain id", { chainId: 139 }, /^chainId is 139 and the chain was made with 138/],
    ["the block period", { blockPeriodSeconds: 3 }, /^blockPeriodSeconds is 3 .* Besu accepts it silently/],
    ["the request timeout", { requestTimeoutSeconds: 8 }, /^requestTimeoutSeconds is 8 and the chain was made with 4/],
    ["the epoch length", { epochLength: 100 }, /^epochLength is 100/],
    ["the block gas limit", { blockGasLimit: 31_000_000n }, /^The genesis hash would be 0x.*block gas limit/],
  ])("refuses another value of %s", (_, change, reason) => {
    expect(compareWithFrozen(record, { ...options, ...change })).toEqual({
      kind: "refused",
      reasons: [expect.stringMatching(reason)],
    });
  });

  it("refuses a record that is not of this genesis", () => {
    const other = { ...record, genesisHash: genesisVectors.vectors[1]!.genesisHash as `0x${string}` };

    expect(compareWithFrozen(other, options)).toMatchObject({ kind: "refused" });
  });
});
