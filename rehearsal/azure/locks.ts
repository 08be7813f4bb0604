import { type ArmRefusal, shortType } from "./arm";

/** What a write excludes while Azure works on it. */
export interface WriteLock {
  readonly key: string;
  /** What a second write is told meanwhile. */
  readonly refusal: ArmRefusal;
}

/** The part of an id up to a collection's resource: `…/virtualNetworks/vnet` of `…/virtualNetworks/vnet/subnets/a`. */
const upTo = (id: string, collection: string): string => {
  const parts = id.toLowerCase().split("/");
  const at = parts.indexOf(collection.toLowerCase());
  return (at < 0 ? parts : parts.slice(0, at + 2)).join("/");
};

const nameIn = (id: string, collection: string): string => upTo(id, collection).split("/").at(-1) ?? "";

/** 429, hence retried. Message as Microsoft.Network words it (public issue threads). */
export const networkBusy = (id: string): ArmRefusal => ({
  status: 429,
  code: "RetryableErrorDueToAnotherOperation",
  message: `Operation on resource ${id} cannot proceed because another operation on ${upTo(id, "virtualNetworks")} is in progress. Please retry later.`,
});

/** 409 without AnotherOperationInProgress, hence not retried. */
export const poolBusy = (id: string): ArmRefusal => ({
  status: 409,
  code: "OperationNotAllowed",
  message: `Operation is not allowed because there's an in progress create or update node pool operation on the managed cluster '${nameIn(id, "managedClusters")}'. Please wait for it to finish before starting a new operation.`,
});

/** 409, not retried: the program must chain them. */
export const federationBusy = (id: string): ArmRefusal => ({
  status: 409,
  code: "ConcurrentFederatedIdentityCredentialsWritesForSingleManagedIdentity",
  message: `Too many Federated Identity Credentials are written concurrently for the managed identity '${nameIn(id, "userAssignedIdentities")}'. Concurrent Federated Identity Credentials writes under the same managed identity are not supported.`,
});

/** The lock that writing (or deleting) this resource takes; undefined for types that exclude nobody. */
export const lockOf = (type: string, id: string): WriteLock | undefined => {
  switch (shortType(type)) {
    case "VirtualNetwork":
    case "Subnet":
    case "VirtualNetworkPeering":
      return { key: `network:${upTo(id, "virtualNetworks")}`, refusal: networkBusy(id) };
    case "AgentPool":
      return { key: `pools:${upTo(id, "managedClusters")}`, refusal: poolBusy(id) };
    case "FederatedIdentityCredential":
      return { key: `federation:${upTo(id, "userAssignedIdentities")}`, refusal: federationBusy(id) };
    default:
      return undefined;
  }
};

/** Who holds which lock now. */
export class WriteLocks {
  private readonly holders = new Map<string, number>();

  /** Takes the lock for an operation, or says what Azure answers because another one has it. */
  take(lock: WriteLock, holder: number): ArmRefusal | undefined {
    const current = this.holders.get(lock.key);
    if (current !== undefined && current !== holder) return lock.refusal;
    this.holders.set(lock.key, holder);
    return undefined;
  }

  release(lock: WriteLock, holder: number): void {
    if (this.holders.get(lock.key) === holder) this.holders.delete(lock.key);
  }
}
