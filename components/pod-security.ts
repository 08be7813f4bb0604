import type { types } from "@pulumi/kubernetes";

/** The user that Besu's image runs as. */
export const BESU_UID = 1000;

/** A pod under Kubernetes' "restricted" standard: no root, the runtime's own seccomp profile, and its volumes its own. */
export const restrictedPod = (uid: number): types.input.core.v1.PodSecurityContext => ({
  runAsNonRoot: true,
  runAsUser: uid,
  runAsGroup: uid,
  fsGroup: uid,
  fsGroupChangePolicy: "OnRootMismatch",
  seccompProfile: { type: "RuntimeDefault" },
});

/** A container with no rights to spare, that writes to its volumes alone. */
export const restrictedContainer: types.input.core.v1.SecurityContext = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ["ALL"] },
};
