import type { Genesis } from "../../../besu/genesis";
import { genesisHash } from "../../../besu/genesis-hash";
import { EMPTY_TRIE_ROOT, stateRoot, toScalar } from "../../../besu/state-root";
import genesisVectors from "./vectors/besu_genesis.json";

const vectors = genesisVectors.vectors.map((vector) => [vector.n, vector] as const);

describe("stateRoot", () => {
  it.each(vectors)("is what Besu computed for %i validators", (_, { genesis, stateRoot: expected }) => {
    expect(stateRoot((genesis as unknown as Genesis).alloc)).toBe(expected);
  });

  it("is the empty trie's without accounts", () => {
    expect(stateRoot({})).toBe(EMPTY_TRIE_ROOT);
  });

  it("does not depend on the order of the accounts, and does on each balance", () => {
    const { alloc } = genesisVectors.vectors[0]!.genesis as unknown as Genesis;
    const reversed = Object.fromEntries(Object.entries(alloc).reverse());
    const [first] = Object.keys(alloc);

    expect(stateRoot(reversed)).toBe(stateRoot(alloc));
    expect(stateRoot({ ...alloc, [first!]: { balance: "0x2" } })).not.toBe(stateRoot(alloc));
  });
});

describe("genesisHash", () => {
  it.each(vectors)("is what the node computed for %i validators", (_, vector) => {
    expect(genesisHash(vector.genesis as unknown as Genesis)).toBe(vector.genesisHash);
  });

  it.each<[string, Partial<Genesis>]>([
    ["gas limit", { gasLimit: "0x1c9c381" }],
    ["extraData", { extraData: "0x00" }],
    ["timestamp", { timestamp: "0x1" }],
  ])("is another one with another %s", (_, change) => {
    const genesis = genesisVectors.vectors[0]!.genesis as unknown as Genesis;

    expect(genesisHash({ ...genesis, ...change })).not.toBe(genesisHash(genesis));
  });
});

describe("toScalar", () => {
  it.each([
    ["0x0", "0x"],
    [undefined, "0x"],
    ["0x1", "0x01"],
    ["0x0100", "0x0100"],
    ["0x001", "0x01"],
  ] as const)("of %p is %p", (value, expected) => {
    expect(toScalar(value)).toBe(expected);
  });
});
