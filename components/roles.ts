import * as authorization from "@pulumi/azure-native/authorization";
import type * as pulumi from "@pulumi/pulumi";

/** Ids of Azure's built-in roles (Azure docs, "Azure built-in roles"). */
export const builtInRoles = {
  networkContributor: "4d97b98b-1d4f-4787-a291-c67834d212e7",
  keyVaultSecretsUser: "4633458b-17de-408a-b874-0445c86b69e6",
  monitoringDataReader: "b0d8363b-8ddd-447d-831f-62ca05bff136",
  grafanaAdministrator: "22926164-76b3-42b3-bc55-97df8dab3e41",
  clusterAdministrator: "b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b",
} as const;

export interface RoleArgs {
  /** ARM id of what the role is for: it holds there and below, nowhere else. */
  readonly scope: pulumi.Output<string>;
  readonly role: keyof typeof builtInRoles;
  /** Object id of who gets it. */
  readonly principalId: pulumi.Input<string>;
  /**
   * What the principal is. For one just made it must be said: otherwise ARM looks it up at once and answers
   * PrincipalNotFound until it is replicated.
   * @default found out by Azure
   */
  readonly principalType?: "ServicePrincipal";
}

/** Gives a principal one built-in role in one place. */
export const assignRole = (
  name: string,
  { scope, role, principalId, principalType }: RoleArgs,
  opts: pulumi.CustomResourceOptions,
): authorization.RoleAssignment =>
  new authorization.RoleAssignment(
    name,
    {
      scope,
      // ARM answers with the subscription's form; another form would look like a change after a refresh.
      roleDefinitionId: scope.apply((id) => roleDefinitionId(id, builtInRoles[role])),
      principalId,
      principalType,
    },
    opts,
  );

function roleDefinitionId(resourceId: string, role: string): string {
  const subscription = resourceId.split("/").slice(0, 3).join("/");
  return `${subscription}/providers/Microsoft.Authorization/roleDefinitions/${role}`;
}
