import { BESU_IMAGE } from "../../../besu/image";
import { upgradeProblem, versionOf } from "../../../besu/upgrade";

describe("versionOf", () => {
  it.each([
    ["hyperledger/besu:26.8.0", [26, 8, 0]],
    ["registry:5000/besu:v25.12", [25, 12, 0]],
    ["hyperledger/besu:26.8.1-jdk25", [26, 8, 1]],
    ["hyperledger/besu:26.8.0@sha256:ab", [26, 8, 0]],
    ["hyperledger/besu:latest", undefined],
    ["hyperledger/besu", undefined],
    ["registry:5000/besu", undefined],
  ])("of %s is %j", (image, version) => {
    expect(versionOf(image)).toEqual(version);
  });

  it("of the default image is a release", () => {
    expect(versionOf(BESU_IMAGE)).toBeDefined();
  });
});

describe("upgradeProblem", () => {
  it.each([
    ["besu:26.8.0", "besu:26.8.1"],
    ["besu:25.8.0", "besu:25.12.0"],
    ["besu:26.8.0", "besu:27.1.0"],
    ["besu:latest", "besu:26.8.0"],
  ])("is none from %s to %s and back", (from, to) => {
    expect([upgradeProblem(from, to), upgradeProblem(to, from)]).toEqual([undefined, undefined]);
  });

  it.each([
    ["besu:25.12.0", "besu:26.8.0"],
    ["besu:26.1.0", "besu:25.12.0"],
  ])("is the encoding from %s to %s", (from, to) => {
    expect(upgradeProblem(from, to)).toContain("encode consensus messages differently");
  });
});
