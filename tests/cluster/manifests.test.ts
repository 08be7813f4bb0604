import { SNAPSHOT_SCRIPT } from "../../components/snapshot-script";
import { runPolicy } from "../support/snapshot-cluster";
import { describeTier } from "../support/tier";
import type { Manifest } from "./support/api-server";
import { brokenVariants } from "./support/broken";
import { startControlPlane, type ControlPlane } from "./support/control-plane";
import { podOf } from "./support/pods";
import { definitions, deployedManifests, regionsOf, stacks, type RegionManifests } from "./support/manifests";

jest.setTimeout(300_000);

const label = ({ kind, metadata }: Manifest): string => `${kind} ${metadata.namespace ?? ""}/${metadata.name}`;

describeTier("cluster", "every manifest of every region, judged by a real API server", () => {
  let plane: ControlPlane;
  let close = (): Promise<void> => Promise.resolve();
  beforeAll(async () => {
    plane = await startControlPlane();
    close = plane.close;
    for (const definition of definitions()) await plane.api.install(definition);
  });
  afterAll(() => close());

  /** Applies a region's manifests as Pulumi does, in order, and takes away what the next region will name alike. */
  const judge = async ({ manifests }: RegionManifests) => {
    const judged = [];
    // No controller makes the pods of a workload, and a namespace's policy is enforced on pods alone: so they are made here.
    const all = [...manifests, ...manifests.flatMap((manifest) => podOf(manifest) ?? [])];
    for (const manifest of all) judged.push({ manifest, ...(await plane.api.apply(manifest)) });
    for (const manifest of [...all].reverse()) {
      // Without a controller a namespace would stay in its deletion for ever.
      if (manifest.kind !== "Namespace") await plane.api.remove(manifest);
    }
    return judged;
  };

  describe.each(stacks)("stack %s", (stack) => {
    let deployed: RegionManifests[];
    let verdicts: Awaited<ReturnType<typeof judge>>;
    beforeAll(async () => {
      deployed = await deployedManifests(stack);
      verdicts = [];
      for (const region of deployed) verdicts.push(...(await judge(region)));
    });

    test("every region has the same kinds of objects, a StatefulSet among them", () => {
      expect(deployed.map(({ region }) => region)).toEqual(regionsOf(stack));
      const kinds = deployed.map(({ manifests }) => [...new Set(manifests.map(({ kind }) => kind))].sort().join(" "));
      expect(new Set(kinds).size).toBe(1);
      expect(kinds[0]).toContain("StatefulSet");
      expect(kinds[0]).toContain("HorizontalPodAutoscaler");
      expect(kinds[0]).toContain("PodMonitor");
      expect(kinds[0]).toContain(stack === "dev" ? "Certificate" : "SecretProviderClass");
    });

    test("strict server-side apply accepts all of them, and their pods within the namespace's policy", () => {
      const refused = verdicts.filter(({ accepted }) => !accepted);
      expect(refused.map(({ manifest, message }) => `${label(manifest)}: ${message}`)).toEqual([]);
      expect(verdicts.length).toBeGreaterThanOrEqual(deployed.length * 5);
    });

    test("none draws a warning, as a deprecated field or version would", () => {
      const warned = verdicts.filter(({ warnings }) => warnings.length > 0);
      expect(warned.map(({ manifest, warnings }) => `${label(manifest)}: ${warnings.join("; ")}`)).toEqual([]);
    });
  });

  describe("the snapshot policy's script", () => {
    const claims = ["data-validator-0-0"];
    let snapshot: Manifest;
    beforeAll(async () => {
      const { manifests } = runPolicy(SNAPSHOT_SCRIPT, { claims, keep: 1 });
      const written = manifests[0] as Manifest;
      snapshot = { ...written, metadata: { ...written.metadata, namespace: "besu" } };
      await plane.api.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: "besu" } });
    });

    test("writes snapshots that are accepted, without a warning", async () => {
      expect(await plane.api.apply(snapshot)).toMatchObject({ accepted: true, warnings: [] });
      await plane.api.remove(snapshot);
    });

    test("would be caught with a field that snapshots do not have", async () => {
      const broken = { ...snapshot, spec: { source: { claimName: claims[0] } } };
      const { accepted, message } = await plane.api.apply(broken);
      expect(accepted).toBe(false);
      expect(message).toContain("claimName");
    });
  });

  describe("the judge itself", () => {
    let validator: Manifest;
    beforeAll(async () => {
      const [region] = await deployedManifests("dev");
      const found = region?.manifests.find(({ kind, metadata }) => kind === "StatefulSet" && metadata.name !== "rpc");
      if (found === undefined) throw new Error("The dev stack has no StatefulSet.");
      validator = found;
      for (const manifest of region?.manifests ?? []) {
        if (manifest.kind === "Namespace") await plane.api.apply(manifest);
      }
    });

    test("accepts the manifest that the broken ones are made of", async () => {
      expect(await plane.api.apply(validator)).toMatchObject({ accepted: true });
      await plane.api.remove(validator);
    });

    test.each(brokenVariants)("refuses $what", async ({ breakIt, says }) => {
      const broken = structuredClone(validator);
      breakIt(broken);
      const verdict = await plane.api.apply(broken);
      expect(verdict.accepted).toBe(false);
      expect(verdict.message).toMatch(says);
    });

    test("refuses a pod that its namespace's policy forbids", async () => {
      const pod = podOf(validator) as Manifest & { spec: any };
      expect(await plane.api.apply(pod)).toMatchObject({ accepted: true });
      await plane.api.remove(pod);
      const broken = structuredClone(pod);
      broken.spec.containers[0].securityContext.allowPrivilegeEscalation = true;
      expect(await plane.api.apply(broken)).toMatchObject({
        accepted: false,
        message: expect.stringContaining("violates PodSecurity"),
      });
    });

    test("says which CRD is missing when it does not know a kind", async () => {
      const unknown = { apiVersion: "example.test/v1", kind: "Nothing", metadata: { name: "n" } };
      const { accepted, message } = await plane.api.apply(unknown);
      expect(accepted).toBe(false);
      expect(message).toMatch(/no Nothing of example\.test\/v1.*vendor-crds/);
    });
  });
});
