import type { Manifest } from "./api-server";

/** As much of a workload as is read here. */
interface WorkloadSpec {
  readonly jobTemplate?: { readonly spec: WorkloadSpec };
  readonly template?: { readonly metadata?: object; readonly spec?: { readonly volumes?: readonly object[] } };
  readonly volumeClaimTemplates?: readonly { readonly metadata: { readonly name: string } }[];
}

/** The first pod that a StatefulSet, Deployment, DaemonSet or CronJob would make; undefined for any other object. */
export function podOf(manifest: Manifest): Manifest | undefined {
  const spec = (manifest.spec ?? {}) as WorkloadSpec;
  const { template, volumeClaimTemplates = [] } = spec.jobTemplate?.spec ?? spec;
  if (template?.spec === undefined) return undefined;
  const claimed = volumeClaimTemplates.map(({ metadata: { name } }) => ({
    name,
    persistentVolumeClaim: { claimName: `${name}-${manifest.metadata.name}-0` },
  }));
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { ...template.metadata, name: `${manifest.metadata.name}-0`, namespace: manifest.metadata.namespace },
    spec: { ...template.spec, volumes: [...(template.spec.volumes ?? []), ...claimed] },
  };
}
