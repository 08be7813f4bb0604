import fc from "fast-check";

import { changedPaths, difference } from "../../../rehearsal/protocol/difference";
import { holdsSecret, type Properties, reveal, secret, unknown } from "../../../rehearsal/protocol/values";

const values = fc.letrec<{ value: never }>((tie) => ({
  value: fc.oneof(
    fc.string(),
    fc.integer(),
    fc.boolean(),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fc.stringMatching(/^[a-z]{1,4}$/), tie("value"), { maxKeys: 3 }),
  ) as fc.Arbitrary<never>,
})).value;
const properties = fc.dictionary(fc.stringMatching(/^[a-z]{1,4}$/), values, { maxKeys: 5 }) as fc.Arbitrary<Properties>;

describe("difference of inputs", () => {
  test("equal inputs do not differ, secret or not", () => {
    fc.assert(
      fc.property(properties, (inputs) => {
        const hidden = Object.fromEntries(Object.entries(inputs).map(([key, value]) => [key, secret(value)]));
        expect(difference(inputs, hidden, ["a"], true).changes.size).toBe(0);
      }),
    );
  });

  test("every changed key is named, with how it changed", () => {
    const changes = changedPaths({ a: 1, b: { c: 1, d: 2 }, e: [1] }, { b: { c: 1, d: 3, f: 4 }, e: [1, 2] });
    expect([...changes]).toEqual([
      ["a", "delete"],
      ["b.d", "update"],
      ["b.f", "add"],
      ["e", "update"],
    ]);
  });

  test("names the property that forces a replacement", () => {
    const { changes, deleteBeforeReplace } = difference(
      { location: "a", tags: { x: "1" }, networkProfile: { podCidr: "p", other: 1 } },
      { location: "b", tags: { x: "2" }, networkProfile: { podCidr: "q", other: 2 } },
      ["location", "networkProfile.podCidr"],
      false,
    );
    expect(Object.fromEntries([...changes].map(([path, { replaces }]) => [path, replaces]))).toEqual({
      location: true,
      "networkProfile.other": false,
      "networkProfile.podCidr": true,
      "tags.x": false,
    });
    expect(deleteBeforeReplace).toBe(false);
  });

  test("a replacement with the identity of the old one deletes first; an update never does", () => {
    expect(difference({ location: "a" }, { location: "b" }, ["location"], true).deleteBeforeReplace).toBe(true);
    expect(difference({ tags: "a" }, { tags: "b" }, ["location"], true).deleteBeforeReplace).toBe(false);
  });

  test("a forcing property inside an object that appears as a whole forces as well", () => {
    const { changes } = difference({}, { spec: { selector: 1 } }, ["spec.selector"], false);
    expect(changes.get("spec")).toEqual({ kind: "add", replaces: true });
  });

  test("an unknown value is always a change", () => {
    expect(difference({ location: unknown }, { location: unknown }, [], false).changes.size).toBe(1);
  });

  test("a comparison of the wire form would take a new secret marker for a change, and is caught", () => {
    const [plain, hidden] = [{ key: "k" }, { key: secret("k") }];
    expect(changedPaths(plain, hidden).size).toBe(1);
    expect(difference(plain, hidden, [], false).changes.size).toBe(0);
  });
});

describe("secrets on the wire", () => {
  test("are found at any depth and can be revealed", () => {
    fc.assert(
      fc.property(values, (value) => {
        const nested = { list: [{ deep: secret(value) }] };
        expect(holdsSecret(nested)).toBe(true);
        expect(reveal(nested)).toEqual({ list: [{ deep: value }] });
        expect(holdsSecret(reveal(nested))).toBe(false);
      }),
    );
  });
});
