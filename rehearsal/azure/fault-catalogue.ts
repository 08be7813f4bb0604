/** What `=VALUE` of a fault means. */
export interface FaultValue {
  /** For people, with unit: `seconds`, `share of the requests`. */
  readonly meaning: string;
  readonly default: number;
  readonly minimum: number;
  readonly maximum: number;
}

/** One kind of trouble that a rehearsal can be given. */
export interface FaultKind {
  /** What happens, in one sentence. */
  readonly summary: string;
  /** What the API answers: status, code, Retry-After. */
  readonly answer: string;
  /** What azure-native does then. */
  readonly provider: string;
  /** What an operator should do. */
  readonly operator: string;
  /** Absent when the fault takes no value. */
  readonly value?: FaultValue;
  /** Kinds of resources (see `resourceWords`) that it is for when the fault names none. @default all */
  readonly what?: readonly string[];
  /** What stands after `@`. @default "region": optional; without it every region */
  readonly place?: "region" | "resource";
}

const seconds = (standard: number): FaultValue => ({
  meaning: "seconds from the start of the run",
  default: standard,
  minimum: 0,
  maximum: 86_400,
});
const retried = "It retries up to 3 times, waiting as long as Retry-After says.";
const backedOff = "It retries up to 3 times, after about 20, 60 and 120 s.";
const fails = "It does not retry: the resource fails at once.";

/** Every fault by its name. Codes and reactions: docs/rehearsal.md names the sources. */
export const faultKinds = {
  throttle: {
    summary: "Somebody else of the same principal has used up the region's request tokens.",
    answer: "429 SubscriptionRequestsThrottled, Retry-After until the tokens are back",
    provider: `${retried} When Retry-After is over 120 s the resource fails at once.`,
    operator: "Nothing, if it passes. Else deploy with another service principal, or with a smaller --parallel.",
    value: seconds(60),
  },
  "hard-throttle": {
    summary: "A resource provider asks to come back later than azure-native is willing to wait.",
    answer: "429 ResourceRequestsThrottled, Retry-After 300 s",
    provider: "It fails at once: 300 s is over its longest delay of 120 s.",
    operator: "Run again after the time that the message names.",
    value: seconds(300),
  },
  "aks-throttle": {
    summary: "The AKS resource provider's own limit for writes of clusters and pools is reached.",
    answer: "429 Throttled (PutManagedClusterHandler.PUT), Retry-After 60 s",
    provider: retried,
    operator: "Nothing, if it passes. Do not run several deployments of one cluster at a time.",
    value: seconds(60),
    what: ["cluster", "pool"],
  },
  flaky: {
    summary: "A share of all requests meets a fault inside Azure.",
    answer: "500 InternalServerError, 502 BadGateway, 503 ServiceUnavailable or 504 GatewayTimeout",
    provider: backedOff,
    operator: "Nothing: a second run repairs the rare resource that met four in a row.",
    value: { meaning: "share of the requests", default: 0.02, minimum: 0, maximum: 1 },
  },
  busy: {
    summary: "Another operation on the resource is in progress when it is written first.",
    answer: "409 AnotherOperationInProgress",
    provider: `${backedOff} It is the only 409 that it retries.`,
    operator: "Nothing, if it passes. Look who else changes the resource.",
  },
  "network-lock": {
    summary: "Something else holds the write lock of the region's virtual networks.",
    answer: "429 RetryableErrorDueToAnotherOperation",
    provider: backedOff,
    operator: "Write subnets in the network's own request, as this program does, instead of one by one.",
    value: seconds(45),
    what: ["network", "subnet"],
  },
  "not-provisioned": {
    summary: "What the resource refers to is accepted but not provisioned yet when it is written first.",
    answer: "429 ReferencedResourceNotProvisioned",
    provider: backedOff,
    operator: "Nothing, if it passes; else add the missing dependsOn.",
    what: ["network", "subnet", "nat", "endpoint"],
  },
  "pool-lock": {
    summary: "Another node pool operation is in progress on the cluster.",
    answer: "409 OperationNotAllowed",
    provider: fails,
    operator: "Wait for the other operation (az aks nodepool list shows it), then run again.",
    what: ["pool"],
  },
  "federation-race": {
    summary: "Two federated credentials of one identity are written at the same time.",
    answer: "409 ConcurrentFederatedIdentityCredentialsWritesForSingleManagedIdentity",
    provider: fails,
    operator: "Run again. In a program, chain the credentials of one identity with dependsOn.",
    what: ["federation"],
  },
  "principal-lag": {
    summary: "A new identity is not visible yet to the role assignment that names it.",
    answer: "400 PrincipalNotFound, unless the assignment says principalType ServicePrincipal",
    provider: fails,
    operator: "Set principalType to ServicePrincipal, as this program does; else run again.",
    value: { meaning: "seconds after the identity was created", default: 60, minimum: 0, maximum: 86_400 },
    what: ["role"],
  },
  "role-lag": {
    summary: "A new role assignment is not honoured yet when a cluster is created that needs it.",
    answer: "403 LinkedAuthorizationFailed",
    provider: fails,
    operator: "Run again; Azure honours a role within 10 minutes.",
    value: { meaning: "seconds after the region's last role assignment", default: 300, minimum: 0, maximum: 86_400 },
    what: ["cluster"],
  },
  capacity: {
    summary: "The region has no machines left for clusters, or the zone none for a node pool.",
    answer:
      "cluster: 400 AKSCapacityHeavyUsage, and nothing is created; pool: accepted, then ZonalAllocationFailed, and a pool in state Failed is left",
    provider: fails,
    operator: "Deploy the other regions with --continue-on-error; then another VM size or region, or run again later.",
    what: ["cluster", "pool"],
  },
  quota: {
    summary: "The region's quota of vCPUs of one VM family is smaller than needed.",
    answer: "409 OperationNotAllowed (exceeding approved … Cores quota)",
    provider: fails,
    operator: "Ask for more in the portal (Quotas), or use fewer or smaller nodes there.",
    value: { meaning: "vCPUs per VM family", default: 0, minimum: 0, maximum: 1_000_000 },
    what: ["cluster", "pool"],
  },
  "cluster-quota": {
    summary: "The region's quota of managed clusters is used up.",
    answer: "409 ManagedClusterCountExceedsQuotaLimit",
    provider: fails,
    operator: "Delete clusters that nobody needs, or ask for more.",
    value: { meaning: "clusters", default: 0, minimum: 0, maximum: 1_000_000 },
    what: ["cluster"],
  },
  slow: {
    summary: "Azure works slower than usual.",
    answer: "nothing unusual: provisioning takes longer by a factor",
    provider: "It polls on.",
    operator: "Wait. Creating a cluster has taken up to 82 minutes.",
    value: { meaning: "times as long", default: 3, minimum: 0.01, maximum: 1000 },
  },
  crash: {
    summary: "The engine is killed when Azure has finished the resource, before it hears of it.",
    answer: "nothing: the resource exists, and the stack does not know it",
    provider: "It dies with the engine.",
    operator: "Run again: what was left is found, explained and taken into the stack, nothing is deleted.",
    place: "resource",
  },
} as const satisfies Readonly<Record<string, FaultKind>>;

export type FaultName = keyof typeof faultKinds;

/** Words for kinds of resources, as a fault names them after the colon. */
export const resourceWords: Readonly<Record<string, readonly string[]>> = {
  group: ["ResourceGroup"],
  network: ["VirtualNetwork", "VirtualNetworkPeering"],
  subnet: ["Subnet"],
  rules: ["NetworkSecurityGroup"],
  address: ["PublicIPAddress"],
  nat: ["NatGateway"],
  endpoint: ["PrivateEndpoint"],
  identity: ["UserAssignedIdentity"],
  federation: ["FederatedIdentityCredential"],
  role: ["RoleAssignment"],
  vault: ["Vault"],
  secret: ["Secret"],
  workspace: ["Workspace"],
  cluster: ["ManagedCluster"],
  pool: ["AgentPool"],
};
