import { readFileSync } from "node:fs";
import { join } from "node:path";

import { parse, stringify } from "yaml";

import { partsOf, type Scope } from "../../regions/scope";
import { leaks } from "./judges";
import { mockKey, mockState, type ProgramRun, type Registered, runProgram } from "./program";

jest.setTimeout(120_000);

const file = parse(readFileSync(join(__dirname, "../../Pulumi.dev.yaml"), "utf8")) as {
  config: Record<string, unknown>;
};
const regions = (file.config["meridian:regions"] as { name: string }[]).map(({ name }) => name);
const yamlOf = (scope: Scope) =>
  stringify({
    config: { ...file.config, "meridian:scope": scope, "meridian:rpc": { enabled: true, hosts: ["rpc.example.org"] } },
  });

/** A resource without what names its stack. */
const shape = ({ urn, type, name, custom, inputs, protect, createTimeout, ...given }: Registered) => ({
  ...{ type, name, custom, inputs, protect, createTimeout },
  parent: given.parent
    .split("::")
    .at(-1)
    ?.replace(/^meridian-net.*/, "the stack"),
  provider: given.provider.split("::").at(-2) ?? "",
  dependencies: given.dependencies.map((other) => other.split("::").at(-1)!),
  path: urn.split("::")[2],
});
const shapes = ({ resources }: Pick<ProgramRun, "resources">) =>
  resources.filter(({ type }) => type !== "pulumi:pulumi:Stack").map(shape);
const byName = (all: ReturnType<typeof shapes>) => [...all].sort((a, b) => (a.name < b.name ? -1 : 1));

describe("a network in one stack a region", () => {
  let whole: ProgramRun;
  const parts = new Map<string, ProgramRun>();
  beforeAll(async () => {
    whole = await runProgram(yamlOf("fleet"), "net");
    for (const { part, scope } of partsOf(regions)) {
      const run = await runProgram(yamlOf(scope), `net.${part}`);
      parts.set(part, run);
      // What the engine gives to a stack that refers to another: a secret output as such, by its name.
      if (scope !== "global") continue;
      const { handedOver, keys } = run.registeredOutputs;
      mockState["global-shared"] = { outputs: { handedOver, keys: keys.secret }, secretOutputNames: ["keys"] };
    }
  });
  afterAll(() => delete mockState["global-shared"]);

  it("has the resources of one stack, with the same inputs, each in one part", () => {
    const joined = [...parts.values()].flatMap(shapes);
    const own = new Set(joined.map(({ name }) => name));
    expect(own.size).toBe(joined.length);

    const within = new Map(
      [...parts.values()].flatMap((run) => {
        const names = new Set(run.resources.map(({ name }) => name));
        return run.resources.map(({ name }) => [name, names] as const);
      }),
    );
    // An edge to what another stack holds is the reference's now.
    const expected = shapes(whole).map((one) => ({
      ...one,
      dependencies: one.dependencies.filter((other) => within.get(one.name)?.has(other)).sort(),
    }));
    const found = joined.map((one) => ({
      ...one,
      dependencies: one.dependencies.filter((other) => other !== "global-shared").sort(),
    }));
    expect(byName(found)).toEqual(byName(expected));
  });

  it("has in each part what is its own alone", () => {
    for (const region of regions) {
      const names = shapes(parts.get(region)!).map(({ name }) => name);
      expect(names.length).toBeGreaterThan(30);
      expect(names.filter((name) => !name.startsWith(`${region}-`))).toEqual([]);
    }
    const others = ["global", "contracts"].flatMap((part) => shapes(parts.get(part)!).map(({ name }) => name));
    expect(others.filter((name) => !/^(global|chain138|chain1)-/.test(name))).toEqual([]);
  });

  it("passes validators' keys as secrets alone", () => {
    const keys = regions.map((region) => mockKey(`global-key-${region}-0`));
    const { registeredOutputs: outputs } = parts.get("global")!;
    expect(Object.keys(outputs.keys.secret as object)).toHaveLength(regions.length);
    expect(keys.filter((key) => JSON.stringify(outputs.handedOver).includes(key))).toEqual([]);
    for (const [part, run] of parts) {
      expect(part === "global" ? [] : leaks([run.resources, run.registeredOutputs], keys)).toEqual([]);
    }
  });
});
