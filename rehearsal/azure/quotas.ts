import type { ArmRefusal } from "./arm";
import table from "./quotas.json";

/** What a resource takes of its region's quotas. */
export interface Demand {
  /** Managed clusters: 0 or 1. */
  readonly clusters: number;
  /** vCPUs by VM family, e.g. `standardDSv5Family`. */
  readonly vcpus: Readonly<Record<string, number>>;
}

/** Node pools as an AKS request lists them. */
export interface PoolDemand {
  readonly vmSize?: string;
  /** Nodes. */
  readonly count?: number;
}

/**
 * Family and vCPUs of a VM size by Azure's naming convention (learn.microsoft.com/azure/virtual-machines/vm-naming-conventions):
 * `Standard_D4s_v5` is 4 vCPUs of `standardDSv5Family`. Undefined for a name of another form.
 */
export const parseVmSize = (size: string): { readonly family: string; readonly vcpus: number } | undefined => {
  const match = /^Standard_([A-Z]+)(\d+)(?:-\d+)?([a-z]*)(?:_[A-Z0-9]+)?(?:_(v\d+))?$/.exec(size);
  if (match === null) return undefined;
  const [, family = "", vcpus = "0", features = "", version = ""] = match;
  return { family: `standard${family}${features.toUpperCase()}${version}Family`, vcpus: Number(vcpus) };
};

/** Adds up node pools. @param clusters 1 for a cluster, 0 for a pool of its own */
export const demandOf = (pools: readonly PoolDemand[], clusters: number): Demand => {
  const vcpus: Record<string, number> = {};
  for (const { vmSize = "", count = 1 } of pools) {
    const size = parseVmSize(vmSize);
    if (size !== undefined) vcpus[size.family] = (vcpus[size.family] ?? 0) + size.vcpus * count;
  }
  return { clusters, vcpus };
};

export interface QuotaLimits {
  /** vCPUs of one family in one region. @default 350, the Enterprise Agreement's */
  readonly vcpus?: number;
  /** Managed clusters in one region. @default 100 */
  readonly clusters?: number;
}

/** What is used of each region's quotas. */
export class Quotas {
  private readonly used = new Map<string, { readonly region: string; readonly demand: Demand }>();

  /** @param limits by region; the defaults of quotas.json where it says nothing */
  constructor(private readonly limits: (region: string) => QuotaLimits = () => ({})) {}

  /** Takes what a resource needs (again: replaces what it took before), or says what Azure answers. */
  take(id: string, region: string, demand: Demand): ArmRefusal | undefined {
    const { vcpus: vcpuLimit = table.vcpus.enterprise, clusters: clusterLimit = table.clusters } = this.limits(region);
    const others = [...this.used].filter(([key, use]) => key !== id.toLowerCase() && use.region === region);
    const clusters = others.reduce((sum, [, use]) => sum + use.demand.clusters, 0);
    if (demand.clusters > 0 && clusters + demand.clusters > clusterLimit) {
      return tooManyClusters(region, clusterLimit, clusters);
    }
    for (const [family, needed] of Object.entries(demand.vcpus)) {
      const current = others.reduce((sum, [, use]) => sum + (use.demand.vcpus[family] ?? 0), 0);
      if (current + needed > vcpuLimit) return tooManyCores(region, family, vcpuLimit, current, needed);
    }
    this.used.set(id.toLowerCase(), { region, demand });
    return undefined;
  }

  /** Gives back what a resource and all below it took. */
  release(id: string): void {
    const key = id.toLowerCase();
    for (const other of this.used.keys()) if (other === key || other.startsWith(`${key}/`)) this.used.delete(other);
  }
}

const tooManyClusters = (region: string, limit: number, used: number): ArmRefusal => ({
  status: 409,
  code: "ManagedClusterCountExceedsQuotaLimit",
  message: `The subscription has reached its quota of managed clusters in ${region}: limit ${limit}, in use ${used}.`,
});

/** Wording of Microsoft.Compute's quota refusal (learn.microsoft.com/azure/azure-resource-manager/troubleshooting/error-resource-quota). */
const tooManyCores = (region: string, family: string, limit: number, used: number, needed: number): ArmRefusal => ({
  status: 409,
  code: "OperationNotAllowed",
  message: `Operation could not be completed as it results in exceeding approved ${family} Cores quota. Additional details - Deployment Model: Resource Manager, Location: ${region}, Current Limit: ${limit}, Current Usage: ${used}, Additional Required: ${needed}, (Minimum) New Limit Required: ${used + needed}.`,
});
