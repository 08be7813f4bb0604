import { catalogue } from "../../regions/catalogue";
import { snapshotSchedule, snapshotWaitSeconds } from "../../components/snapshots";
import { SNAPSHOT_SCRIPT } from "../../components/snapshot-script";
import { type ProgramRun, runProgram } from "./program";

jest.setTimeout(60_000);

const stack = (more = "") => `
config:
  meridian:regions:
    - { name: westindia, validators: 3 }
    - { name: japaneast, validators: 2 }
  meridian:allowSingleRegionHalt: true
  meridian:contracts:
    salt: test
    owner: "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
    chains: {}
  meridian:tags: { team: "a, b", environment: test }
${more}`;

const specOf = (run: ProgramRun, name: string) => run.one(name).inputs.spec as Record<string, any>;
const podOf = (run: ProgramRun) =>
  specOf(run, "japaneast-snapshots-job").jobTemplate.spec.template.spec as { containers: Record<string, any>[] };
const scheduleOf = (run: ProgramRun) => specOf(run, "japaneast-snapshots-job").schedule as string;

describe("the snapshot policy of a region", () => {
  let run: ProgramRun;
  beforeAll(async () => {
    run = await runProgram(stack());
  });

  it("is these resources", () => {
    expect(run.childrenOf("japaneast-snapshots")).toEqual([
      "japaneast-snapshots-account kubernetes:core/v1:ServiceAccount",
      "japaneast-snapshots-class kubernetes:snapshot.storage.k8s.io/v1:VolumeSnapshotClass",
      "japaneast-snapshots-contents-grant kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding",
      "japaneast-snapshots-contents-role kubernetes:rbac.authorization.k8s.io/v1:ClusterRole",
      "japaneast-snapshots-grant kubernetes:rbac.authorization.k8s.io/v1:RoleBinding",
      "japaneast-snapshots-job kubernetes:batch/v1:CronJob",
      "japaneast-snapshots-policy kubernetes:networking.k8s.io/v1:NetworkPolicy",
      "japaneast-snapshots-role kubernetes:rbac.authorization.k8s.io/v1:Role",
      "japaneast-snapshots-script kubernetes:core/v1:ConfigMap",
    ]);
  });

  it("takes incremental snapshots that outlive their objects, with the tags that the driver can read", () => {
    expect(run.one("japaneast-snapshots-class").inputs).toMatchObject({
      driver: "disk.csi.azure.com",
      deletionPolicy: "Retain",
      parameters: {
        incremental: "true",
        tags: "environment=test,meridian-stack=test,meridian-region=japaneast",
      },
    });
    expect(run.one("japaneast-cluster-aks").inputs.storageProfile).toMatchObject({
      snapshotController: { enabled: true },
    });
  });

  it("covers the claim of each validator", () => {
    const claims = (podOf(run).containers[0]!.command as string[]).slice(2);
    const sets = run.resources.filter(({ name }) => /^japaneast-validator-\d+-set$/.test(name));

    expect(claims).toEqual(
      sets.map(({ inputs }) => `${inputs.spec.volumeClaimTemplates[0].metadata.name}-${inputs.metadata.name}-0`),
    );
    expect(claims).toHaveLength(2);
  });

  it("runs the tested script once at a time, with what it needs to know", () => {
    const pod = podOf(run);
    const env = pod.containers[0]!.env as { name: string; value?: string }[];

    expect(specOf(run, "japaneast-snapshots-job")).toMatchObject({
      schedule: snapshotSchedule("japaneast", 24),
      timeZone: "Etc/UTC",
      concurrencyPolicy: "Forbid",
      jobTemplate: { spec: { activeDeadlineSeconds: 24 * 3600 - 300 } },
    });
    expect(run.one("japaneast-snapshots-script").inputs.data).toEqual({ "snapshots.sh": SNAPSHOT_SCRIPT });
    expect(pod.containers[0]!.image).toBe("alpine/k8s:1.34.1");
    for (const [, name] of SNAPSHOT_SCRIPT.matchAll(/\$\{?([A-Z_]+)/g)) {
      expect(env.map((one) => one.name)).toContain(name);
    }
    expect(env).toEqual(
      expect.arrayContaining([
        { name: "SNAPSHOT_CLASS", value: run.one("japaneast-snapshots-class").inputs.metadata.name },
        { name: "KEEP", value: "7" },
      ]),
    );
  });

  it("is hardened: no root, no capabilities, a read-only root, and out to port 443 alone", () => {
    expect(podOf(run)).toMatchObject({
      securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
      containers: [
        {
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ["ALL"] },
          },
          resources: { limits: { memory: expect.any(String) } },
        },
      ],
    });
    const policy = specOf(run, "japaneast-snapshots-policy");
    expect(policy).toMatchObject({ policyTypes: ["Ingress", "Egress"], egress: [{ ports: [{ port: 443 }] }] });
    expect(policy.ingress).toBeUndefined();
    expect(specOf(run, "japaneast-snapshots-job").jobTemplate.spec.template.metadata.labels).toEqual(
      policy.podSelector.matchLabels,
    );
  });

  it("may touch snapshots in its namespace and their contents, and no disk, claim, secret or pod", () => {
    const rules = ["role", "contents-role"].flatMap(
      (role) => run.one(`japaneast-snapshots-${role}`).inputs.rules as object[],
    );

    expect(rules).toEqual([
      {
        apiGroups: ["snapshot.storage.k8s.io"],
        resources: ["volumesnapshots"],
        verbs: ["get", "list", "watch", "create", "delete"],
      },
      { apiGroups: ["snapshot.storage.k8s.io"], resources: ["volumesnapshotcontents"], verbs: ["get", "patch"] },
    ]);
  });
});

describe("snapshotSchedule", () => {
  const regions = catalogue.map(({ name }) => name);

  it.each([1, 2, 3, 4, 6, 8, 12, 24])("every %i hours is evenly over the day, for every region", (everyHours) => {
    for (const region of regions) {
      const [minute, hours, ...rest] = snapshotSchedule(region, everyHours).split(" ");
      const listed = hours === "*" ? Array.from({ length: 24 }, (_, hour) => hour) : hours!.split(",").map(Number);

      expect(rest).toEqual(["*", "*", "*"]);
      expect(Number(minute)).toBeLessThan(60);
      expect(listed).toHaveLength(24 / everyHours);
      expect(listed.every((hour, i) => hour < 24 && hour - (listed[i - 1] ?? hour - everyHours) === everyHours)).toBe(
        true,
      );
    }
  });

  it("gives no two regions the same minute when there is a snapshot a day", () => {
    expect(new Set(regions.map((region) => snapshotSchedule(region, 24))).size).toBe(regions.length);
  });
});

it("waits for a region's snapshots no longer than until ten minutes before the next ones", () => {
  expect(snapshotWaitSeconds(24, 2) * 2).toBeLessThanOrEqual(24 * 3600 - 600);
  expect(snapshotWaitSeconds(1, 5)).toBe(600);
});

it("is a snapshot policy of its own kind when the configuration says so, or none", async () => {
  const changed = await runProgram(
    stack(
      "  meridian:protect: false\n  meridian:snapshots: { everyHours: 6, keep: 30, image: registry.example/k8s:1 }\n",
    ),
  );
  const none = await runProgram(stack("  meridian:snapshots: { enabled: false }\n"));

  expect(changed.one("japaneast-snapshots-class").inputs.deletionPolicy).toBe("Delete");
  expect(scheduleOf(changed).split(" ")[1]!.split(",")).toHaveLength(4);
  expect(podOf(changed).containers[0]).toMatchObject({
    image: "registry.example/k8s:1",
    env: expect.arrayContaining([{ name: "KEEP", value: "30" }]),
  });
  expect(none.resources.filter(({ name }) => name.includes("snapshots"))).toEqual([]);
});
