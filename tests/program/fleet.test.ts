import { readFileSync } from "node:fs";
import { join } from "node:path";

import { nodeIdentity } from "../../besu/keys";
import { checkName } from "../../rehearsal/azure/checks";
import type { Properties } from "../../rehearsal/protocol/values";
import { changes, leaks, misnamed, publicThings, scopeOf, straying, waitsFor } from "./judges";
import { mockKey, mockState, type ProgramRun, runProgram } from "./program";
import { countByKind, renderCounts } from "./resource-counts";

jest.setTimeout(60_000);

const root = join(__dirname, "../..");
const fleet = readFileSync(join(root, "Pulumi.fleet.yaml"), "utf8");
const regions = [...fleet.matchAll(/\{ name: ([a-z]+), validators: 2 \}/g)].map((match) => match[1]!);
const validators = regions.flatMap((region) => [0, 1].map((ordinal) => ({ region, ordinal })));
const keyOf = ({ region, ordinal }: (typeof validators)[number]) => mockKey(`global-key-${region}-${ordinal}`);

describe("the program, configured by Pulumi.fleet.yaml", () => {
  let run: ProgramRun;
  beforeAll(async () => {
    run = await runProgram(fleet, "fleet");
  });
  const ofType = (type: string) => run.resources.filter((resource) => resource.type === type);
  const fileOf = ({ region, ordinal }: (typeof validators)[number], file: string): string =>
    run.one(`${region}-validator-${ordinal}-config`).inputs.data[file] as string;

  it("is 24 regions with two validators each", () => {
    expect(regions).toHaveLength(24);
    expect(ofType("meridian:region:Region").map(({ name }) => name)).toEqual(
      regions.map((region) => `${region}-region`),
    );
    expect(
      ofType("kubernetes:apps/v1:StatefulSet")
        .map(({ name }) => name)
        .filter((name) => name.includes("-validator-"))
        .sort(),
    ).toEqual(validators.map(({ region, ordinal }) => `${region}-validator-${ordinal}-set`).sort());
  });

  it("tells its quorum budget, and warns of more validators than published tests had", () => {
    expect(run.logs[0]).toContain("Quorum: 32 of 48 validators in 24 regions; 16 may stop");
    expect(run.logs[0]).toContain("Any 8 regions may fail at once.");
    expect(run.logs.filter((line) => line.startsWith("warn: ")).join("\n")).toContain("warn: 48 validators are more");
  });

  it("has one genesis, with 48 sorted validators", () => {
    const addresses = validators.map((validator) => nodeIdentity(`0x${keyOf(validator)}`).address).sort();
    const [first, ...others] = validators.map((validator) => fileOf(validator, "genesis.json"));
    const { extraData, alloc } = JSON.parse(first!) as { extraData: string; alloc: object };

    expect(others.filter((genesis) => genesis !== first)).toEqual([]);
    expect(Object.keys(alloc).slice(0, 48)).toEqual(addresses);
    const places = addresses.map((address) => extraData.indexOf(address.slice(2)));
    expect(places.every((place, i) => place > (places[i - 1] ?? 0))).toBe(true);
  });

  it("gives every node the same list: its 47 peers and itself, each at an address of its own", () => {
    const lists = validators.map((validator) => JSON.parse(fileOf(validator, "static-nodes.json")) as string[]);
    const hosts = new Set(lists[0]!.map((enode) => enode.split("@")[1]));

    expect(hosts.size).toBe(48);
    for (const list of lists) expect(list).toEqual(lists[0]);
  });

  it("joins two regions by nothing but what is global", () => {
    expect(straying(run.resources, regions)).toEqual([]);
    expect(misnamed(run.resources, regions)).toEqual([]);
  });

  it("lets nothing global wait for a region", () => {
    const global = run.resources.filter(({ name }) => name.startsWith("global-"));

    expect(
      global.flatMap(({ name }) => waitsFor(run.resources, name)).filter((to) => !to.startsWith("global-")),
    ).toEqual([]);
  });

  it("lets nobody in from the internet", () => {
    expect(publicThings(run.resources)).toEqual([]);
  });

  it("says on the command line where Besu listens: its image's environment goes before config.toml", () => {
    const sets = ofType("kubernetes:apps/v1:StatefulSet");
    const args = sets.map(({ inputs }) => (inputs.spec.template.spec.containers[0].args as string[]).slice(0, 3));

    expect(new Set(args.map((list) => list.join(" ")))).toEqual(
      new Set(["--config-file=/etc/besu/config.toml --rpc-http-host=0.0.0.0 --rpc-ws-host=127.0.0.1"]),
    );
  });

  it("answers whoever reads the metrics at the pod's own address, which its host allow-list has", () => {
    for (const { inputs } of ofType("kubernetes:apps/v1:StatefulSet")) {
      const [besu] = inputs.spec.template.spec.containers as [{ args: string[]; env: { name: string }[] }];
      expect(besu.args.at(-1)).toMatch(/^--host-allowlist=localhost,10\.\d+\.\d+\.\d+,\$\(POD_IP\)$/);
      expect(besu.env.map(({ name }) => name)).toContain("POD_IP");
    }
  });

  it("shows no private key in any input or output", () => {
    const keys = validators.flatMap((validator) => [
      keyOf(validator),
      Buffer.from(keyOf(validator)).toString("base64"),
    ]);

    expect(leaks([run.resources, run.outputs, run.logs], keys)).toEqual([]);
    expect(ofType("azure-native:keyvault:Secret")).toHaveLength(48);
  });

  it("lets each key be read by one identity", () => {
    const grants = run.resources.filter(({ inputs }) => String(inputs.scope).includes("-key-secret"));

    expect(new Set(grants.map(({ inputs }) => inputs.scope as string)).size).toBe(48);
    expect(new Set(grants.map(({ inputs }) => inputs.principalId as string)).size).toBe(48);
    expect(grants).toHaveLength(48);
  });

  it("signs in to clusters as whoever deploys, who gets the right to before the first manifest", () => {
    const { kubeconfig } = run.one("japaneast-kubernetes").inputs as { kubeconfig: { secret: string } };

    expect(JSON.parse(kubeconfig.secret)).toMatchObject({
      clusters: [{ cluster: { server: "https://japaneast-cluster" } }],
      users: [{ user: { exec: { command: "kubelogin" } } }],
    });
    expect(kubeconfig.secret).not.toContain("a certificate");
    for (const manifest of ["namespace", "storage", "validator-0-set", "policy-nothing"]) {
      expect(waitsFor(run.resources, `japaneast-${manifest}`)).toContain("japaneast-cluster-administrator");
    }
  });

  it("services no two regions at the same time", () => {
    const windows = ofType("azure-native:containerservice:MaintenanceConfiguration").filter(({ name }) =>
      name.endsWith("-images"),
    );

    expect(windows).toHaveLength(24);
    expect(new Set(windows.map(({ inputs }) => JSON.stringify(inputs.maintenanceWindow))).size).toBe(24);
  });

  it("has names that Azure accepts", () => {
    const refused = run.resources.flatMap(({ type, inputs }) => checkName(type, inputs as Properties) ?? []);

    expect(refused).toEqual([]);
  });

  it("waits for clusters longer than their longest creation, of 82 minutes", () => {
    expect(run.one("japaneast-cluster-aks").createTimeout).toBe("150m");
    expect(run.one("japaneast-group").createTimeout).toBe("10m");
  });

  it("a 25th region changes itself, the mesh and the lists of peers, and no genesis", async () => {
    mockState["global-genesis"] = { keepers: run.one("global-genesis").inputs.keepers as object };
    const larger = fleet.replace(
      /(- \{ name: brazilsouth, validators: 2 \}\n)/,
      "$1    - { name: japanwest, validators: 2 }\n",
    );
    const after = await runProgram(larger, "fleet").finally(() => delete mockState["global-genesis"]);
    const others = changes(run.resources, after.resources).filter((change) => !change.startsWith("+ japanwest-"));

    expect(others).toEqual(
      [
        "~ global-mesh-commit inputs.properties.targetLocations",
        // What it would be now; ignoreChanges keeps what was recorded first (tests/engine/fleet.test.ts).
        "~ global-genesis inputs.keepers.record",
        ...[0, 1].map((ordinal) => `+ global-key-japanwest-${ordinal}`),
        ...validators.flatMap(({ region, ordinal }) =>
          // Room for two more peers, read at the next start.
          ["config.toml", "static-nodes.json"].map(
            (file) => `~ ${region}-validator-${ordinal}-config inputs.data.${file}`,
          ),
        ),
      ].sort(),
    );
    expect(after.one("japanwest-validator-0-config").inputs.data["genesis.json"]).toBe(
      fileOf(validators[0]!, "genesis.json"),
    );
    const own = after.resources.filter(({ name }) => name.startsWith("japanwest-"));
    expect(own).toHaveLength(run.resources.filter(({ name }) => name.startsWith("japaneast-")).length);
  });

  it("needs fewer than 90 resources a region, the same in each, as docs/resources.md counts them", () => {
    const sizes = regions.map((region) => run.resources.filter(({ name }) => scopeOf(name, regions) === region).length);

    expect(new Set(sizes).size).toBe(1);
    expect(sizes[0]).toBeLessThan(90);
    // To bring the page up to date: paste what this prints.
    expect(readFileSync(join(root, "docs/resources.md"), "utf8")).toContain(
      renderCounts(countByKind(run.resources, regions)),
    );
  });
});
