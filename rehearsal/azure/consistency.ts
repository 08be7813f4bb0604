import type { ArmRefusal } from "./arm";

/** 400, not retried. Wording of Microsoft.Authorization. */
export const principalNotFound = (principalId: string): ArmRefusal => ({
  status: 400,
  code: "PrincipalNotFound",
  message: `Principal ${principalId} does not exist in the directory. Check that you have the correct principal ID. If you are creating this principal and then immediately assigning a role, this error might be related to a replication delay. In this case, set the role assignment principalType property to a value, such as ServicePrincipal, User, or Group.`,
});

/** 403, not retried. Wording of ARM. */
export const roleNotVisible = (resourceId: string): ArmRefusal => ({
  status: 403,
  code: "LinkedAuthorizationFailed",
  message: `The client has permission to perform action on scope '${resourceId}', however the linked identity does not have permission on a linked scope, or the access was granted too recently. If access was recently granted, please refresh your credentials.`,
});

/**
 * What is written in Microsoft Entra and in the role store, and when others can see it. A new identity is unknown for a
 * while to role assignments that do not say that it is a service principal; a new role takes a while to be honoured
 * (learn.microsoft.com/azure/role-based-access-control/troubleshooting: up to 10 minutes).
 */
export class Visibility {
  private readonly since = new Map<string, number>();

  /** Something has been written. @param key e.g. a region or a principal */
  written(key: string, atMs: number): void {
    this.since.set(key, Math.max(atMs, this.since.get(key) ?? 0));
  }

  /** Whether what was written last under the key has been there for `lagMs`. Unknown keys are visible. */
  isVisible(key: string, nowMs: number, lagMs: number): boolean {
    const since = this.since.get(key);
    return since === undefined || nowMs >= since + lagMs;
  }
}
