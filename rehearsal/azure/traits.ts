import { type Properties, textOf } from "../protocol/values";
import { regionOf } from "./arm";
import { demandOfResource } from "./demand";
import type { WorldOperation } from "./operation";

/** What limits, locks, quotas and faults look at in a resource. */
export type AzureTraits = Pick<WorldOperation, "resourceId" | "region" | "demand" | "principalId" | "createsPrincipal">;

/**
 * The traits of a resource, from what the engine knows of it.
 * @param resourceId its ARM id
 * @param outputs what Azure adds to the inputs; those of a state file, which repeat the inputs, do as well
 */
export const traitsOf = (
  { urn, type, resourceId }: { readonly urn: string; readonly type: string; readonly resourceId: string },
  inputs: Properties,
  outputs: Properties,
): AzureTraits => {
  const demand = demandOfResource(type, inputs);
  const given = textOf(inputs, "principalId");
  const assigns = textOf(inputs, "principalType") === undefined ? given : undefined;
  const creates = given === undefined ? textOf(outputs, "principalId") : undefined;
  return {
    resourceId,
    region: regionOf(urn, textOf(inputs, "location")),
    ...(demand !== undefined && { demand }),
    ...(assigns !== undefined && { principalId: assigns }),
    ...(creates !== undefined && { createsPrincipal: creates }),
  };
};
