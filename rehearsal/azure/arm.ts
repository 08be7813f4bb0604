/** What a request to Azure Resource Manager is for; decides which bucket it draws from and what it meets. */
export type RequestPurpose = "read" | "write" | "delete" | "poll";

/** One HTTP request, as far as limits, locks and faults look at it. */
export interface ArmRequest {
  readonly purpose: RequestPurpose;
  /** Type token, e.g. `azure-native:network:VirtualNetwork`. */
  readonly type: string;
  /** ARM id of the resource. */
  readonly resourceId: string;
  /** Azure's name of the resource's region, e.g. `japaneast`. */
  readonly region: string;
}

/** An answer other than success. */
export interface ArmRefusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  /** From the header Retry-After, in milliseconds. */
  readonly retryAfterMs?: number;
}

/** The error's text as azure-native shows it. */
export const describeRefusal = ({ status, code, message }: ArmRefusal): string =>
  `Status=${status} Code="${code}" Message="${message}"`;

/** `ManagedCluster` of `azure-native:containerservice:ManagedCluster`. */
export const shortType = (type: string): string => type.split(":").at(-1) ?? type;

/**
 * The region whose limits an operation draws on: that of the resource, else the one that leads its logical name
 * (design: the region is in every logical name).
 * @param location the input of that name, in Azure's spelling or the portal's (`Japan East`)
 */
export const regionOf = (urn: string, location?: string): string =>
  (location ?? urn.split("::").at(-1)?.split("-")[0] ?? "global").toLowerCase().replaceAll(" ", "");
