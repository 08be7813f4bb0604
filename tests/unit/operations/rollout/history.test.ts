import { parse } from "yaml";

import { deployedIn } from "../../../../operations/rollout/deployed";
import { deployedConfiguration, withConfiguration } from "../../../../operations/rollout/history";
import { narrowTargets } from "../../../../operations/rollout/retry-targets";
import { targetsForSteps } from "../../../../regions/targets";

const update = (kind: string, result: string, config: object) => ({ kind, result, config });

describe("deployedConfiguration", () => {
  it("is that of the newest update that succeeded, objects as such, without secrets", () => {
    const history = [
      update("update", "failed", { "meridian:protect": { value: "true" } }),
      update("refresh", "succeeded", { "meridian:protect": { value: "true" } }),
      update("update", "succeeded", {
        "meridian:regions": { value: '[{"name":"japaneast"}]', objectValue: [{ name: "japaneast" }] },
        "meridian:protect": { value: "false" },
        "azure-native:clientSecret": { secret: true },
      }),
      update("update", "succeeded", {}),
    ];

    expect(deployedConfiguration(JSON.stringify(history))).toEqual({
      "meridian:regions": [{ name: "japaneast" }],
      "meridian:protect": "false",
    });
  });

  it.each(["", "[]", JSON.stringify([update("update", "failed", {})])])("is none in the history %j", (json) => {
    expect(deployedConfiguration(json)).toBeUndefined();
  });
});

test("withConfiguration keeps what is beside the configuration, and its secrets", () => {
  const file = "encryptionsalt: v1:abc\nconfig:\n  meridian:protect: true\n  azure:secret:\n    secure: v1:xyz\n";

  expect(parse(withConfiguration(file, { "meridian:protect": "false" }))).toEqual({
    encryptionsalt: "v1:abc",
    config: { "azure:secret": { secure: "v1:xyz" }, "meridian:protect": "false" },
  });
});

test("deployedIn reads each validator's image, and nothing that is being deleted or was never made", () => {
  const set = (name: string, more: object) => ({
    urn: `urn:pulumi:s::meridian::a$kubernetes:apps/v1:StatefulSet::${name}`,
    type: "kubernetes:apps/v1:StatefulSet",
    ...more,
  });
  const inputs = { spec: { template: { spec: { containers: [{ image: "besu:1" }] } } } };
  const resources = [
    set("japaneast-validator-0-set", { id: "a", inputs }),
    set("japaneast-validator-1-set", { id: "b", inputs, delete: true }),
    set("uksouth-validator-0-set", { inputs }),
    set("uksouth-rpc-set", { id: "c", inputs }),
  ];

  expect(deployedIn(JSON.stringify({ version: 3, deployment: { resources } }))).toEqual([
    { region: "japaneast", ordinal: 0, image: "besu:1" },
  ]);
});

test("a wave that takes some of a region's validators targets these; the one that takes the last, all that is left", () => {
  const placement = [{ name: "japaneast", validators: 2 }];
  const targets = (ordinal: number) => targetsForSteps([{ region: "japaneast", ordinals: [ordinal] }], placement);

  expect(targets(0)).toEqual(["**::japaneast-validator-0", "**::japaneast-validator-0-*", "**::global-*"]);
  expect(targets(1)).toEqual(["**::japaneast-*", "**::global-*"]);
});

test("what failed is tried again in its regions and in what all share; without a region all is", () => {
  const targets = ["**::eastasia-*", "**::southeastasia-*", "**::global-*"];

  expect(narrowTargets(targets, ["eastasia"])).toEqual(["**::eastasia-*", "**::global-*"]);
  expect(narrowTargets(targets, [])).toEqual(targets);
});
