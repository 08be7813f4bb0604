import { parseState } from "../pending";
import type { DeployedValidator } from "./target";

const validatorSet = /^(.+)-validator-(\d+)-set$/;

interface PodTemplate {
  readonly spec?: {
    readonly template?: { readonly spec?: { readonly containers?: readonly { readonly image?: unknown }[] } };
  };
}

/**
 * The validators in an exported state, by their StatefulSets. Nothing of them is secret.
 *
 * @throws StateError for what is no exported state
 */
export function deployedIn(state: string): DeployedValidator[] {
  const { resources = [] } = parseState(state).deployment;
  return resources.flatMap(({ urn, type, id = "", inputs, delete: old }) => {
    const [, region, ordinal] = validatorSet.exec(urn.split("::").at(-1) ?? "") ?? [];
    if (type !== "kubernetes:apps/v1:StatefulSet" || region === undefined || id === "" || old === true) return [];
    const image = (inputs as PodTemplate | undefined)?.spec?.template?.spec?.containers?.[0]?.image;
    return [{ region, ordinal: Number(ordinal), image: typeof image === "string" ? image : undefined }];
  });
}
