import { parse } from "yaml";

import { saysTheSame, splitConfiguration } from "../../../../operations/rollout/split";
import { type PartRunner, splitTarget } from "../../../../operations/rollout/split-target";
import type { RolloutWave } from "../../../../operations/rollout/record";
import { fakeWorld } from "./fake-target";

const base = `config:
  meridian:regions: [{ name: japaneast, validators: 2 }, { name: uksouth, validators: 2 }, { name: eastasia, validators: 2 }]
  meridian:contracts: { salt: a, owner: "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266", chains: {} }
  meridian:allowSingleRegionHalt: true
`;
const none = () => undefined;

describe("splitConfiguration", () => {
  it("is the network's own configuration in each part, with what the part holds", () => {
    const parts = splitConfiguration("net", base, none);

    expect(parts.map(({ stack, scope }) => `${stack} ${scope}`)).toEqual([
      "net.global global",
      "net.japaneast region",
      "net.uksouth region",
      "net.eastasia region",
      "net.contracts contracts",
    ]);
    const { config } = parse(base) as { config: object };
    for (const { text, scope } of parts)
      expect(parse(text)).toEqual({ config: { ...config, "meridian:scope": scope } });
  });

  it("keeps a part's salt and secrets, and is the same when it is done again", () => {
    const part = "encryptionsalt: v1:abc\nconfig:\n  meridian:protect: false\n  azure:key:\n    secure: v1:xyz\n";
    const [global] = splitConfiguration("net", base, () => part);

    const file = parse(global!.text) as { encryptionsalt: string; config: Record<string, unknown> };
    expect(file.encryptionsalt).toBe("v1:abc");
    expect(file.config["azure:key"]).toEqual({ secure: "v1:xyz" });
    expect(file.config["meridian:protect"]).toBeUndefined();
    const [again] = splitConfiguration("net", base, () => global!.text);
    expect(saysTheSame(again!.text, global!.text)).toBe(true);
    expect(saysTheSame(again!.text, part)).toBe(false);
  });

  it.each([
    [`${base}  azure:key:\n    secure: v1:xyz\n`, "azure:key is a secret of the stack net alone"],
    [`${base}  meridian:scope: global\n`, 'meridian:scope of the stack net is "global"'],
    [`${base}  meridian:phases: barrier\n`, "a barrier joins regions, which have stacks apart"],
  ])("refuses %#", (text, message) => {
    expect(() => splitConfiguration("net", text, none)).toThrow(message);
  });
});

describe("splitTarget", () => {
  const wave = (kind: RolloutWave["kind"], steps: RolloutWave["steps"], restarting = 0): RolloutWave => ({
    ...{ kind, steps, restarting, joining: 0, state: "pending", problems: [] },
  });
  const open = (failing: readonly string[] = []) => {
    const calls: string[] = [];
    let [now, most] = [0, 0];
    const did = async (text: string, stack: string) => {
      calls.push(text);
      most = Math.max(most, ++now);
      await new Promise(setImmediate);
      now -= 1;
      const bad = failing.includes(stack);
      return { succeeded: !bad, failures: bad ? [{ where: "all", what: "no room.", action: "" }] : [] };
    };
    const runner: PartRunner = {
      exists: (stack) => Promise.resolve(stack === "dev.japaneast"),
      exportState: () => Promise.resolve(JSON.stringify({ version: 3, deployment: {} })),
      previous: (stack) => Promise.resolve({ of: stack }),
      up: (stack, targets, previous) =>
        did(`up ${stack} ${targets.join(" ")}${previous === undefined ? "" : "back"}`.trim(), stack),
      destroy: (stack) => did(`destroy ${stack}`, stack),
    };
    const { machinery, wait } = fakeWorld("dev").target;
    const target = splitTarget({ machinery, wait, network: "dev", runner, concurrency: 2, onStep: () => undefined });
    return { target, calls, most: () => most };
  };
  const all = ["northeurope", "japaneast", "eastasia"].map((region) => ({ region, ordinals: [0] }));

  it("updates what is shared, then the wave's regions side by side as far as wanted, then the contracts", async () => {
    const { target, calls, most } = open();
    for (const one of [wave("global", []), wave("regions", all), wave("contracts", [])]) await target.deploy(one);

    expect(calls).toEqual([
      "up dev.global",
      "up dev.northeurope",
      "up dev.japaneast",
      "up dev.eastasia",
      "up dev.contracts",
    ]);
    expect(most()).toBe(2);
  });

  it("names the region that failed, and does the others", async () => {
    const { target, calls } = open(["dev.japaneast"]);
    const run = await target.deploy(wave("regions", all));

    expect(run).toEqual({ succeeded: false, failures: [{ where: "japaneast", what: "no room.", action: "" }] });
    expect(calls).toHaveLength(3);
  });

  it("rolls living regions back to what was, and destroys new ones", async () => {
    const { target, calls } = open();
    await target.rollBack(wave("regions", all.slice(0, 1), 1), {});
    await target.rollBack(wave("regions", all.slice(1, 2)), {});

    expect(calls).toEqual(["up dev.northeurope back", "destroy dev.japaneast"]);
  });

  it("asks no stack that is not there", async () => {
    const { target } = open();

    expect(await target.deployed()).toEqual([]);
    expect(await target.previous()).toEqual({ of: "dev.japaneast" });
  });
});
