import { networkOf, partsOf, partStack, ScopeError, stackScope } from "../../../regions/scope";

const regions = ["japaneast", "uksouth"];

describe("stackScope", () => {
  it("is all of the network where nothing is said, whatever the stack is called", () => {
    expect(stackScope("my.net", "fleet", regions)).toEqual({ scope: "fleet", network: "my.net", regions });
  });

  it("is each part that a network is split into, under the network's own name", () => {
    const parts = partsOf(regions).map(({ part, scope }) => stackScope(partStack("my.net", part), scope, regions));

    expect(parts.map(({ network }) => network)).toEqual(parts.map(() => "my.net"));
    expect(parts.map((one) => one.regions)).toEqual([[], ["japaneast"], ["uksouth"], []]);
    expect(networkOf("my.net.japaneast", "region")).toBe("my.net");
  });

  it.each([
    [
      "region",
      "net.brazilsouth",
      'the stack\'s name is "net.brazilsouth". Allowed: <network>.japaneast, <network>.uksouth.',
    ],
    ["region", "net.japanest", 'Did you mean "net.japaneast"?'],
    ["region", "japaneast", "Allowed: <network>.japaneast"],
    ["global", "net.japaneast", "Allowed: <network>.global."],
    ["contracts", "net", "Allowed: <network>.contracts."],
  ] as const)("refuses the scope %s in a stack named %s", (scope, stack, message) => {
    expect(() => stackScope(stack, scope, regions)).toThrow(ScopeError);
    expect(() => stackScope(stack, scope, regions)).toThrow(message);
  });
});
