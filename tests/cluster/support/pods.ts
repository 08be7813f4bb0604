import type { Manifest } from "./api-server";

/** As much of a workload as is read here. */
interface WorkloadSpec {
  readonly template?: { readonly metadata?: object; readonly spec?: { readonly volumes?: readonly object[] } };
  readonly volumeClaimTemplates?: readonly { readonly metadata: { readonly name: string } }[];
}

/** The first pod that a StatefulSet, Deployment or DaemonSet would make; undefined for any other object. */
export function podOf(manifest: Manifest): Manifest | undefined {
  const { template, volumeClaimTemplates = [] } = (manifest.spec ?? {}) as WorkloadSpec;
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
