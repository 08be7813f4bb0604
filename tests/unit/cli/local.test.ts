import { describeNetwork } from "../../../cli/local";

test("the table says of each validator what it does, and the last line how the network is", () => {
  const address = "0x00000000000000000000000000000000000000a1";
  const node = (name: string) => ({ name, address, rpcUrl: "http://127.0.0.1:8545" }) as const;
  const table = describeNetwork({
    folder: "/net",
    chainId: 138,
    nodes: [{ ...node("validator-0"), pid: 41, head: 7, peers: 1 }, node("validator-1")],
    needsPeers: 1,
    connected: false,
    head: 7,
  });
  expect(table).toMatch(/^validator-0 +41 +7 +1\/1 +http/m);
  expect(table).toMatch(/^validator-1 +not running +- +- +http/m);
  expect(table).toContain("Chain 138 at block 7: not every validator has all its peers.");
});
