import type { ArmRefusal, ArmRequest } from "./arm";
import { principalNotFound, roleNotVisible, type Visibility } from "./consistency";
import { concerns, type Fault } from "./faults";
import { federationBusy, networkBusy, poolBusy } from "./locks";
import type { QuotaLimits } from "./quotas";
import { uniform } from "./seeded";

/** What a fault needs to know of a request. */
export interface FaultContext {
  readonly request: ArmRequest;
  readonly nowMs: number;
  readonly seed: number;
  readonly urn: string;
  /** Number of this request within its operation, from 0: what chance is drawn from, together with seed and URN. */
  readonly number: number;
  /** Whether it is the first try of the operation's write. */
  readonly firstWrite: boolean;
  /** Identity that a role is assigned to, when the assignment does not say that it is a service principal. */
  readonly principalId?: string;
  readonly visibility: Visibility;
}

/** 5xx answers of a service in trouble, equally likely. */
const troubles: readonly ArmRefusal[] = [
  { status: 500, code: "InternalServerError", message: "Encountered internal server error. Please retry later." },
  { status: 502, code: "BadGateway", message: "The gateway did not receive a response from the resource provider." },
  { status: 503, code: "ServiceUnavailable", message: "The service is temporarily unavailable. Please retry later." },
  { status: 504, code: "GatewayTimeout", message: "The gateway did not receive a response within the time allowed." },
];

const throttledUntil = (code: string, message: string, untilMs: number, nowMs: number): ArmRefusal | undefined => {
  if (nowMs >= untilMs) return undefined;
  const seconds = Math.max(1, Math.ceil((untilMs - nowMs) / 1000));
  return { status: 429, code, message: message.replace("{seconds}", String(seconds)), retryAfterMs: seconds * 1000 };
};

/** What a fault makes Azure answer to a request; undefined when it lets it pass. */
export const refusalOf = (fault: Fault, context: FaultContext): ArmRefusal | undefined => {
  const { request, nowMs, firstWrite, visibility, principalId } = context;
  if (!concerns(fault, request)) return undefined;
  const untilMs = fault.value * 1000;
  const writes = request.purpose === "write";
  const { resourceId, region } = request;
  switch (fault.name) {
    case "flaky": {
      const { seed, urn, number } = context;
      if (uniform(`${seed}/flaky/${urn}/${request.purpose}/${number}`) >= fault.value) return undefined;
      return troubles[Math.floor(uniform(`${seed}/trouble/${urn}/${number}`) * troubles.length)];
    }
    case "throttle": {
      const kind = request.purpose === "delete" ? "deletes" : writes ? "writes" : "reads";
      const text = `Number of ${kind} requests for this subscription exceeded the limit. Please try again after '{seconds}' seconds.`;
      return throttledUntil("SubscriptionRequestsThrottled", text, untilMs, nowMs);
    }
    case "hard-throttle": {
      if (!writes || nowMs >= untilMs) return undefined;
      const message = "The request was throttled by the resource provider. Please retry after '300' seconds.";
      return { status: 429, code: "ResourceRequestsThrottled", message, retryAfterMs: 300_000 };
    }
    case "aks-throttle": {
      const text =
        "The PutManagedClusterHandler.PUT request limit has been exceeded for agentpool or cluster, please retry again in {seconds} seconds.";
      return writes ? throttledUntil("Throttled", text, untilMs, nowMs) : undefined;
    }
    case "busy":
      return writes && firstWrite
        ? {
            status: 409,
            code: "AnotherOperationInProgress",
            message: `Another operation on this or dependent resource is in progress: ${resourceId}.`,
          }
        : undefined;
    case "network-lock":
      return writes && nowMs < untilMs ? networkBusy(resourceId) : undefined;
    case "not-provisioned":
      return writes && firstWrite
        ? {
            status: 429,
            code: "ReferencedResourceNotProvisioned",
            message: `Cannot proceed with operation because a resource used by ${resourceId} is not in Succeeded state.`,
          }
        : undefined;
    case "pool-lock":
      return writes ? poolBusy(resourceId) : undefined;
    case "federation-race":
      return writes ? federationBusy(resourceId) : undefined;
    case "principal-lag":
      return writes && principalId !== undefined && !visibility.isVisible(principalId, nowMs, untilMs)
        ? principalNotFound(principalId)
        : undefined;
    case "role-lag":
      return writes && !visibility.isVisible(`roles/${region}`, nowMs, untilMs)
        ? roleNotVisible(resourceId)
        : undefined;
    case "capacity":
      return writes && request.type.endsWith(":ManagedCluster") ? clusterCapacity(region) : undefined;
    case "quota":
    case "cluster-quota":
    case "slow":
    case "crash":
      return undefined; // not answers to a request: quotaLimits, slowness and the clock know them
    default:
      return fault.name satisfies never;
  }
};

/** 400 before anything is created. Source: answers by Microsoft to questions about the code (learn.microsoft.com/answers). */
const clusterCapacity = (region: string): ArmRefusal => ({
  status: 400,
  code: "AKSCapacityHeavyUsage",
  message: `AKS is currently experiencing heavy usage in region ${region} and cannot create the cluster due to limited capacity. Please try another region or retry later.`,
});

/** How an accepted node pool ends: in state Failed. Wording of Microsoft.Compute (aka.ms/allocation-guidance). */
export const allocationFailure = (faults: readonly Fault[], request: ArmRequest): ArmRefusal | undefined =>
  request.type.endsWith(":AgentPool") && faults.some((fault) => fault.name === "capacity" && concerns(fault, request))
    ? {
        status: 409,
        code: "ZonalAllocationFailed",
        message:
          "Allocation failed. We do not have sufficient capacity for the requested VM size in this zone. Read more about improving likelihood of allocation success at http://aka.ms/allocation-guidance",
      }
    : undefined;

/** By how much longer Azure works. */
export const slowness = (
  faults: readonly Fault[],
  target: { readonly type: string; readonly region: string },
): number =>
  faults.reduce(
    (factor, fault) => (fault.name === "slow" && concerns(fault, target) ? factor * fault.value : factor),
    1,
  );

/** The quotas that faults leave in a region. */
export const quotaLimits =
  (faults: readonly Fault[]) =>
  (region: string): QuotaLimits => {
    const at = (name: Fault["name"]): number | undefined => {
      const values = faults
        .filter((fault) => fault.name === name && (fault.place ?? region) === region)
        .map(({ value }) => value);
      return values.length === 0 ? undefined : Math.min(...values);
    };
    const [vcpus, clusters] = [at("quota"), at("cluster-quota")];
    return { ...(vcpus !== undefined && { vcpus }), ...(clusters !== undefined && { clusters }) };
  };
