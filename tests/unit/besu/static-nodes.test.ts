import { enodeUrl } from "../../../besu/enode";
import { nodeIdentity } from "../../../besu/keys";
import { checkPeers, InvalidPeerError } from "../../../besu/static-nodes";
import extraDataVectors from "./vectors/besu_extra_data.json";

const enodes = extraDataVectors.vectors
  .at(-1)!
  .validators.map(({ privateKey }, i) => enodeUrl(nodeIdentity(privateKey as `0x${string}`).publicKey, `10.${i}.0.10`));
const [first, second] = enodes as [string, string];

describe("checkPeers", () => {
  it("accepts the enodes of the 48 keys", () => {
    expect(() => checkPeers(enodes)).not.toThrow();
  });

  it.each([
    ["a hostname", first.replace("10.0.0.10", "validator-0.japaneast")],
    ["a short key", first.replace(/enode:\/\/../, "enode://")],
    ["no port", first.replace(":30303", "")],
    ["port 0", first.replace(":30303", ":0")],
    ["port 65536", first.replace(":30303", ":65536")],
    ["an octet of 256", first.replace("10.0.0.10", "10.0.0.256")],
    ["nothing", ""],
  ])("refuses %s", (_, bad) => {
    expect(() => checkPeers([second, bad])).toThrow(InvalidPeerError);
  });

  it("refuses one key at two places: two nodes would sign as one validator", () => {
    expect(() => checkPeers([first, first])).not.toThrow();
    expect(() => checkPeers([first, first.replace("10.0.0.10", "10.9.0.10")])).toThrow(
      "is at 10.0.0.10:30303 and at 10.9.0.10:30303. A key runs in one place",
    );
  });
});
