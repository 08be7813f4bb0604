/** A resource as a policy sees it: what Pulumi's engine hands to an analyzer, or what its state holds. */
export interface PolicyResource {
  /** `azure-native:containerservice:AgentPool`; of azure-native without the API's version. */
  readonly type: string;
  /** Logical name, whose first word is the region: `japaneast-cluster-validators`. */
  readonly name: string;
  /** Inputs. Secrets need not be readable. */
  readonly props: Readonly<Record<string, unknown>>;
  /** Whether Pulumi refuses to delete or replace it. */
  readonly protect: boolean;
}

/** What a policy finds wrong. */
export interface Violation {
  readonly policy: string;
  /** Logical name of the resource. */
  readonly resource: string;
  /** One sentence: which property, which value, what is allowed. */
  readonly message: string;
}

/** `azure-native:network/v20230201:NatGateway` is the same type in another API version. */
export const plainType = (type: string): string => type.replace(/^(azure-native:[^/:]+)\/v\w+:/, "$1:");

/** The region that leads a logical name; for what belongs to all, `global`. */
export const scopeOf = (name: string): string => name.split("-", 1)[0] ?? name;

interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly protect?: boolean;
}

/** The resources of an exported state (`pulumi stack export`); secrets in it stay encrypted. */
export const resourcesOfState = (state: {
  readonly deployment: { readonly resources?: readonly StateResource[] };
}): PolicyResource[] =>
  (state.deployment.resources ?? []).map(({ urn, type, inputs = {}, protect = false }) => ({
    ...{ type: plainType(type), name: urn.split("::").at(-1) ?? urn, props: inputs, protect },
  }));

/** What is at a path in a value; undefined where there is nothing. */
export const at = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (inner, key) => (typeof inner === "object" && inner !== null ? (inner as Record<string, unknown>)[key] : undefined),
    value,
  );
