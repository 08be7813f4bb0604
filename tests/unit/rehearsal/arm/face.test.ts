import { ArmFace } from "../../../../rehearsal/arm/face";
import { SimulatedChain } from "../../../../rehearsal/arm/chain";
import { seededLatencies } from "../../../../rehearsal/arm/latencies";
import { clusterIdOf, putDeployed, sitesOf } from "../../../../rehearsal/arm/sites";
import { parseTroubles, type Troubles } from "../../../../rehearsal/arm/trouble";
import { Cloud } from "../../../../rehearsal/azure/cloud";
import { quickFleet } from "../../../support/rehearsed-azure";

const fleet = quickFleet("dev");
const start = 1_000_000_000_000;
const base = "http://127.0.0.1:1";
const cluster = clusterIdOf("dev", "japaneast");

/** Starting and stopping take 60 s, a validator's start none. */
function face(troubles: Troubles = new Map()) {
  const cloud = new Cloud();
  putDeployed(cloud, fleet, "dev");
  const sites = sitesOf(cloud, fleet, "dev");
  const validators = sites.map(({ address }) => address);
  const chain = new SimulatedChain({ validators, blockPeriodMs: 2000, requestTimeoutMs: 4000, genesisMs: start });
  const latencies = (kind: string) => (kind === "boot" ? 0 : 60_000);
  const sut = new ArmFace({ cloud, chain, sites, latencies, troubles });
  const ask = (method: string, path: string, seconds: number, body?: unknown) =>
    sut.answer(method, path, start + seconds * 1000, base, body);
  return { ask, chain, cloud, sut };
}
const states = (answer: { readonly body?: unknown }) => {
  const { properties } = answer.body as { properties: { provisioningState: string; powerState: { code: string } } };
  return [properties.provisioningState, properties.powerState.code];
};

describe("ARM's face", () => {
  it("accepts a stop with both polling addresses, refuses a second operation meanwhile, and tells when it has ended", () => {
    const { ask, chain } = face();
    const accepted = ask("POST", `${cluster}/stop`, 1);
    const path = (header: string) => new URL(accepted.headers?.[header] ?? "").pathname;

    expect(accepted.status).toBe(202);
    expect(ask("GET", path("azure-asyncoperation"), 2).body).toMatchObject({ status: "InProgress" });
    expect(ask("GET", path("location"), 2).status).toBe(202);
    expect(states(ask("GET", cluster, 2))).toEqual(["Stopping", "Running"]);
    expect(ask("POST", `${cluster}/start`, 2)).toMatchObject({
      status: 409,
      body: { error: { code: "OperationNotAllowed" } },
    });
    expect(ask("GET", path("azure-asyncoperation"), 61).body).toMatchObject({ status: "Succeeded" });
    expect(ask("GET", path("location"), 61).status).toBe(204);
    expect(states(ask("GET", cluster, 61))).toEqual(["Succeeded", "Stopped"]);
    expect(chain.up(start + 61_000)).toBe(4);
    expect(ask("POST", `${cluster}/stop`, 62).status).toBe(204);
  });

  it("fails an operation where it is told to, and changes nothing", () => {
    const { ask, chain } = face(new Map([["japaneast", "fail"]]));
    const accepted = ask("POST", `${cluster}/stop`, 1);
    const { pathname } = new URL(accepted.headers?.["azure-asyncoperation"] ?? "");

    expect(ask("GET", pathname, 61).body).toMatchObject({ status: "Failed", error: { code: "InternalServerError" } });
    expect(states(ask("GET", cluster, 61))).toEqual(["Failed", "Running"]);
    expect(chain.up(start + 61_000)).toBe(5);
  });

  it("restarts a region's validators by a command, whose result is at its Location", () => {
    const { ask, chain } = face();
    const accepted = ask("POST", `${cluster}/runCommand`, 1, { command: "kubectl rollout restart statefulset" });
    const { pathname } = new URL(accepted.headers?.location ?? "");

    expect([accepted.status, ask("GET", pathname, 2).status]).toEqual([202, 202]);
    expect(chain.up(start + 2_000)).toBe(4);
    expect(ask("GET", pathname, 61)).toMatchObject({ status: 200, body: { properties: { exitCode: 0 } } });
    expect(chain.up(start + 61_000)).toBe(5);
  });

  it("lists vaults and secrets without a value", () => {
    const { ask } = face();
    const group = cluster.split("/providers/")[0] ?? "";
    const vaults = ask("GET", `${group}/providers/Microsoft.KeyVault/vaults`, 1).body as { value: { name: string }[] };
    const name = vaults.value[0]?.name ?? "";
    const secrets = ask("GET", `${group}/providers/Microsoft.KeyVault/vaults/${name}/secrets`, 1).body;

    expect(vaults.value).toHaveLength(1);
    expect(secrets).toMatchObject({ value: [{ name: "validator-0-key", properties: { attributes: {} } }] });
    expect(JSON.stringify(secrets)).not.toMatch(/[0-9a-f]{64}/);
  });

  it.each([
    ["GET", `${cluster}x`, 404],
    ["GET", "/subscriptions/other/resourceGroups/a/providers/Microsoft.ContainerService/managedClusters/b", 404],
    ["GET", `${cluster}/agentPools/none`, 404],
    ["DELETE", cluster, 405],
  ])("refuses %s %s with %i", (method, path, status) => {
    expect(face().ask(method, path, 1)).toMatchObject({ status, body: { error: { code: expect.any(String) } } });
  });

  it("finishes what it has begun when it is closed, as Azure would", () => {
    const { ask, cloud, sut } = face();
    ask("POST", `${cluster}/stop`, 1);
    sut.close();

    expect(cloud.get(cluster)?.outputs.powerState).toEqual({ code: "Stopped" });
  });
});

describe("latencies", () => {
  it("follow from seed and name alone, and shrink with the speed", () => {
    const [one, same, other, faster] = [
      seededLatencies(1, 1),
      seededLatencies(1, 1),
      seededLatencies(2, 1),
      seededLatencies(1, 60),
    ];

    expect(one("start", "japaneast")).toBe(same("start", "japaneast"));
    expect(one("start", "japaneast")).not.toBe(other("start", "japaneast"));
    expect(faster("start", "japaneast")).toBeCloseTo(one("start", "japaneast") / 60, -1);
  });
});

describe("parseTroubles", () => {
  const regions = ["japaneast", "uksouth"];

  it("reads kinds by region", () => {
    expect(parseTroubles(["hang@uksouth", "lag@japaneast"], regions)).toEqual(
      new Map([
        ["uksouth", "hang"],
        ["japaneast", "lag"],
      ]),
    );
  });

  it.each([
    [["explode@uksouth"], "--trouble explode@uksouth is none. Allowed: one of fail, hang, silent, lag"],
    [["hang"], 'the stack has no region ""'],
    [["hang@uksuoth"], 'Did you mean "uksouth"?'],
    [["hang@uksouth", "lag@uksouth"], "names uksouth twice"],
  ])("refuses %j", (texts, message) => {
    expect(() => parseTroubles(texts, regions)).toThrow(message);
  });
});
